// Made by `make generate` from contract/; do not edit.
import type {
  Audit,
  AuditRequest,
  CodeForms,
  CodeRequest,
  ConfirmRequest,
  Confirmation,
  Decision,
  ExchangeAnswer,
  ExchangeRequest,
  ReleaseAnswer,
  ReleaseRequest,
  UsageKeysRequest,
  ValidateRequest,
} from "./types.js";

/** The keys of the counters to read before the order is decided, sorted. `usage` and `now_ms` play no part. */
export function usageKeys(request: UsageKeysRequest): string[];

/** Decides whether the order is accepted with these codes, at what price, and what the host commits. */
export function validateRedemption(request: ValidateRequest): Decision;

/** Says what a payment means for its order, whose the money is, and what the host commits. */
export function confirmRedemption(request: ConfirmRequest): Confirmation;

/** Releases tickets, and gives back what the terms in the record say for the reason. */
export function applyRelease(request: ReleaseRequest): ReleaseAnswer;

/** Exchanges tickets of a paid order for other ones, and says what is due or left over. */
export function exchangeRedemption(request: ExchangeRequest): ExchangeAnswer;

/** Says what each counter must be, from the records alone. A counter with another value has drifted. */
export function auditUsage(request: AuditRequest): Audit;

/** The forms in which a typed code is looked up, for a host that keeps its promotions in a table of its own. */
export function canonicalCode(request: CodeRequest): CodeForms;
