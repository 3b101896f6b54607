import type {
  Audit, AuditRequest, CheckRequest, Confirmation, ConfirmRequest, Decision, Finding, GeneratedCodes, GenerateRequest, PublicView, ReleaseAnswer, ReleaseRequest, SimulateRequest, Simulation, UsageKeysRequest, ValidateRequest, ViewRequest,
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

/** What a browser may know of one code: for these identities, lines and prices, at this time. `validateRedemption` takes it with an order, and with nothing read. */
export function publicView(request: ViewRequest): PublicView;

/** Everything suspicious in these promotions and the policy, the worst first. */
export function checkPromo(request: CheckRequest): Finding[];

/** What a change to a promotion means for the next buyers, before it is stored. */
export function simulate(request: SimulateRequest): Simulation;

/** Codes that cannot be guessed, none of which exists or comes twice. The engine draws nothing itself: the same entropy makes the same codes. */
export function generateCodes(request: GenerateRequest): GeneratedCodes;
