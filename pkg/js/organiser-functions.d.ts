// Made by `make generate` from contract/; do not edit.
import type {
  CheckRequest,
  Explanation,
  Finding,
  GenerateRequest,
  GeneratedCodes,
  PromosAnswer,
  PromosRequest,
  PublicView,
  Report,
  ReportRequest,
  SimulateRequest,
  Simulation,
  ValidateRequest,
  ViewRequest,
} from "./types.js";

/** What a browser may know of one code, so that it can preview orders by itself. */
export function publicView(request: ViewRequest): PublicView;

/** Everything that is wrong with an organiser's documents, at once, and which promotions are sound. */
export function validatePromos(request: PromosRequest): PromosAnswer;

/** What an organiser may not have meant, the worst first. */
export function checkPromo(request: CheckRequest): Finding[];

/** What each rule says of an order, and which single changes would get it accepted. Never for a buyer. */
export function explainRedemption(request: ValidateRequest): Explanation;

/** What each code was used for and what came in, from the records alone: orders, tickets, uses and money. */
export function reportUsage(request: ReportRequest): Report;

/** What a change of a promotion would mean for the next buyers, before it is stored. */
export function simulate(request: SimulateRequest): Simulation;

/** New codes that cannot be guessed. The engine draws nothing itself: the same entropy makes the same codes. */
export function generateCodes(request: GenerateRequest): GeneratedCodes;
