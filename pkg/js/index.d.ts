import type {
  Audit,
  AuditRequest,
  CodeForms,
  CodeRequest,
  Confirmation,
  ConfirmRequest,
  Decision,
  PreparedKeysRequest,
  PreparedRequest,
  PrepareRequest,
  ReleaseAnswer,
  ReleaseRequest,
  UsageKeysRequest,
  ValidateRequest,
} from "./dist/types.js";

export type * from "./dist/types.js";

/** Loads the engine: to be awaited before the first call in a browser, already done in Node. After a failed download it may be called again. */
export function init(): Promise<void>;

/** The keys of the counters that the plan for this request may charge, sorted. `usage` and `now_ms` play no part. */
export function usageKeys(request: UsageKeysRequest): string[];

/** Decides whether the order may be had with these codes, at what price, and what the host commits. */
export function validateRedemption(request: ValidateRequest): Decision;

/** Confirms what was paid for: a hold even past its expiry, and one that lapsed if its charges still fit. */
export function confirmRedemption(request: ConfirmRequest): Confirmation;

/** Releases tickets, and gives back what the terms in the record say for the reason. */
export function applyRelease(request: ReleaseRequest): ReleaseAnswer;

/** What each counter must be, from the records alone: what the tables say otherwise has drifted. */
export function auditUsage(request: AuditRequest): Audit;

/** The forms in which a typed code is looked up, for a host's own table: it stores both beside each document, and reads only those that were typed. */
export function canonicalCode(request: CodeRequest): CodeForms;

/** Promos and policy, read, checked and indexed once, for many orders. Its answers are those of the functions of the same names. */
export class PreparedRules {
  constructor(document: PrepareRequest);
  /** The keys of the counters that the plan for this request may charge, sorted. `usage` and `now_ms` play no part. */
  usageKeys(request: PreparedKeysRequest): string[];
  /** Decides as the plain function does, to the letter. Throws once the rules are freed. */
  validateRedemption(request: PreparedRequest): Decision;
  /** Gives the memory back at once. Without it that happens when nobody holds the rules any more, and on edge workers that lack `FinalizationRegistry` not at all. */
  free(): void;
}
