"""The shapes of requests and answers; tests pin them to what the engine knows.

Amounts are whole minor units of the currency (1 cent, 1 sat), names ending in `_ms` milliseconds since the Unix
epoch. None and absent mean the same in a request; an answer has every field.
"""

from ._answers import Add, Audit, Confirmation, Decision, Insert, Op, PublicReason, Quote, QuotedTicket, Reason, ReleaseAnswer, Update, Violation
from ._documents import AmountDiscount, Discount, FixedPriceDiscount, Give, Line, Order, PercentDiscount, PlainDiscount, Policy, Pool, Promo, ReleaseReason, ReleaseRule, ReleaseRules, Rounding
from ._organiser import CheckRequest, FieldChange, Finding, GenerateRequest, GeneratedCodes, LimitChange, Problem, PublicView, Severity, SimulateRequest, Simulation, Standing, ViewRequest
from ._redemption import Applied, Back, Charge, Money, NotedPayment, NotedRelease, Redemption, Released, Ticket
from ._requests import AuditRequest, ConfirmRequest, PaymentReport, Release, ReleaseRequest, RulesKeysRequest, RulesRequest, Usage, UsageKeysRequest, ValidateRequest

__all__ = [
    "Add",
    "AmountDiscount",
    "Applied",
    "Audit",
    "AuditRequest",
    "Back",
    "Charge",
    "CheckRequest",
    "ConfirmRequest",
    "Confirmation",
    "Decision",
    "Discount",
    "FieldChange",
    "Finding",
    "FixedPriceDiscount",
    "GenerateRequest",
    "GeneratedCodes",
    "Give",
    "Insert",
    "LimitChange",
    "Line",
    "Money",
    "NotedPayment",
    "NotedRelease",
    "Op",
    "Order",
    "PaymentReport",
    "PercentDiscount",
    "PlainDiscount",
    "Policy",
    "Pool",
    "Problem",
    "Promo",
    "PublicReason",
    "PublicView",
    "Quote",
    "QuotedTicket",
    "Reason",
    "Redemption",
    "Release",
    "ReleaseAnswer",
    "ReleaseReason",
    "ReleaseRequest",
    "ReleaseRule",
    "ReleaseRules",
    "Released",
    "Rounding",
    "RulesKeysRequest",
    "RulesRequest",
    "Severity",
    "SimulateRequest",
    "Simulation",
    "Standing",
    "Ticket",
    "Update",
    "Usage",
    "UsageKeysRequest",
    "ValidateRequest",
    "ViewRequest",
    "Violation",
]
