import type {
  CheckRequest,
  Finding,
  GeneratedCodes,
  GenerateRequest,
  PromosAnswer,
  PromosRequest,
  PublicView,
  SimulateRequest,
  Simulation,
  ViewRequest,
} from "./dist/types.js";

export type * from "./dist/types.js";

/** Loads the organiser's functions, which are a wasm file of their own: to be awaited before the first call in a browser, already done in Node. */
export function init(): Promise<void>;

/** What a browser may know of one code: for these identities, lines and prices, at this time. `validateRedemption` takes it with an order, and with nothing read. */
export function publicView(request: ViewRequest): PublicView;

/** Everything that is wrong with these documents, all at once, and which promotions are sound. It throws only for a request of another shape. */
export function validatePromos(request: PromosRequest): PromosAnswer;

/** Everything suspicious in these promotions and the policy, the worst first. */
export function checkPromo(request: CheckRequest): Finding[];

/** What a change to a promotion means for the next buyers, before it is stored. */
export function simulate(request: SimulateRequest): Simulation;

/** Codes that cannot be guessed, none of which exists or comes twice. The engine draws nothing itself: the same entropy makes the same codes. */
export function generateCodes(request: GenerateRequest): GeneratedCodes;
