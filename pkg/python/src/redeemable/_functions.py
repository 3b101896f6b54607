# Made by `make generate` from contract/; do not edit.
"""The functions of the engine."""

from __future__ import annotations

from typing import Any

from .types import (
    Audit,
    AuditRequest,
    CheckRequest,
    CodeForms,
    CodeRequest,
    Confirmation,
    ConfirmRequest,
    Decision,
    ExchangeAnswer,
    ExchangeRequest,
    Explanation,
    Finding,
    GeneratedCodes,
    GenerateRequest,
    PromosAnswer,
    PromosRequest,
    PublicView,
    ReleaseAnswer,
    ReleaseRequest,
    Report,
    ReportRequest,
    SimulateRequest,
    Simulation,
    UsageKeysRequest,
    ValidateRequest,
    ViewRequest,
)


class Functions:
    """What an engine answers: dicts in, dicts out. Whoever inherits it carries the requests across."""

    def _call(self, verb: str, request: object) -> Any:
        raise NotImplementedError

    def _text(self, verb: str, request: str | bytes) -> str:
        raise NotImplementedError

    def usage_keys(self, request: UsageKeysRequest | ValidateRequest) -> list[str]:
        """The keys of the counters to read before the order is decided, sorted. `usage` and `now_ms` play no part."""
        answer: list[str] = self._call("usage-keys", request)
        return answer

    def validate_redemption(self, request: ValidateRequest) -> Decision:
        """Decides whether the order is accepted with these codes, at what price, and what the host commits."""
        answer: Decision = self._call("validate-redemption", request)
        return answer

    def confirm_redemption(self, request: ConfirmRequest) -> Confirmation:
        """Says what a payment means for its order, whose the money is, and what the host commits."""
        answer: Confirmation = self._call("confirm-redemption", request)
        return answer

    def apply_release(self, request: ReleaseRequest) -> ReleaseAnswer:
        """Releases tickets, and gives back what the terms in the record say for the reason."""
        answer: ReleaseAnswer = self._call("apply-release", request)
        return answer

    def exchange_redemption(self, request: ExchangeRequest) -> ExchangeAnswer:
        """Exchanges tickets of a paid order for other ones, and says what is due or left over."""
        answer: ExchangeAnswer = self._call("exchange-redemption", request)
        return answer

    def audit_usage(self, request: AuditRequest) -> Audit:
        """Says what each counter must be, from the records alone. A counter with another value has drifted."""
        answer: Audit = self._call("audit-usage", request)
        return answer

    def canonical_code(self, request: CodeRequest) -> CodeForms:
        """The forms in which a typed code is looked up, for a host that keeps its promotions in a table of its own."""
        answer: CodeForms = self._call("canonical-code", request)
        return answer

    def public_view(self, request: ValidateRequest | ViewRequest) -> PublicView:
        """What a browser may know of one code, so that it can preview orders by itself."""
        answer: PublicView = self._call("public-view", request)
        return answer

    def validate_promos(self, request: PromosRequest) -> PromosAnswer:
        """Everything that is wrong with an organiser's documents, at once, and which promotions are sound."""
        answer: PromosAnswer = self._call("validate-promos", request)
        return answer

    def check_promo(self, request: CheckRequest) -> list[Finding]:
        """What an organiser may not have meant, the worst first."""
        answer: list[Finding] = self._call("check-promo", request)
        return answer

    def explain_redemption(self, request: ValidateRequest) -> Explanation:
        """What each rule says of an order, and which single changes would get it accepted. Never for a buyer."""
        answer: Explanation = self._call("explain-redemption", request)
        return answer

    def report_usage(self, request: AuditRequest | ReportRequest) -> Report:
        """What each code was used for and what came in, from the records alone: orders, tickets, uses and money."""
        answer: Report = self._call("report-usage", request)
        return answer

    def simulate(self, request: SimulateRequest) -> Simulation:
        """What a change of a promotion would mean for the next buyers, before it is stored."""
        answer: Simulation = self._call("simulate", request)
        return answer

    def generate_codes(self, request: GenerateRequest) -> GeneratedCodes:
        """New codes that cannot be guessed. The engine draws nothing itself: the same entropy makes the same codes."""
        answer: GeneratedCodes = self._call("generate-codes", request)
        return answer

    def usage_keys_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("usage-keys", request)

    def validate_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("validate-redemption", request)

    def confirm_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("confirm-redemption", request)

    def apply_release_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("apply-release", request)

    def exchange_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("exchange-redemption", request)

    def audit_usage_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("audit-usage", request)

    def canonical_code_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("canonical-code", request)

    def public_view_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("public-view", request)

    def validate_promos_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("validate-promos", request)

    def check_promo_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("check-promo", request)

    def explain_redemption_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("explain-redemption", request)

    def report_usage_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("report-usage", request)

    def simulate_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("simulate", request)

    def generate_codes_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("generate-codes", request)
