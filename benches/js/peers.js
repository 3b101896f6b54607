// Lets general rule engines decide whether each code is active, in its window, for the event, and has enough uses left
// over all, for each person and in each pool.
//
// These engines say only yes or no. Their caller must find the promotion of a code and the counters, price the tickets,
// charge the counters and commit. Rules that can be parsed in advance are parsed here, and the facts are ready before
// the clock starts.
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { ZenEngine, evaluateExpressionSync } from "@gorules/zen-engine";
import { evaluate, parse } from "cel-js";
import { LogicEngine } from "json-logic-engine";
import jsonLogic from "json-logic-js";
import { Engine } from "json-rules-engine";

const CEL =
  "active && now >= starts && now < ends && event in events && used + quantity <= max_uses && " +
  "mine + quantity <= max_mine && pooled + quantity <= max_pooled";
const ZEN = CEL.replaceAll("&&", "and");
const IN_CONTEXT = CEL.replace("event in events", "events.contains(event)").replace(/\b[a-z_]+\b(?!\()/g, "context.$&");
const CEDAR = `permit(principal, action, resource) when { ${IN_CONTEXT} };`;
const sum = (a, b) => ({ "+": [{ var: a }, { var: b }] });
const LOGIC = {
  and: [
    { var: "active" },
    { ">=": [{ var: "now" }, { var: "starts" }] },
    { "<": [{ var: "now" }, { var: "ends" }] },
    { in: [{ var: "event" }, { var: "events" }] },
    { "<=": [sum("used", "quantity"), { var: "max_uses" }] },
    { "<=": [sum("mine", "quantity"), { var: "max_mine" }] },
    { "<=": [sum("pooled", "quantity"), { var: "max_pooled" }] },
  ],
};
const node = (id, type, content) => ({ id, type, name: id, position: { x: 0, y: 0 }, ...(content && { content }) });
const GRAPH = {
  nodes: [
    node("in", "inputNode"),
    node("rule", "expressionNode", { expressions: [{ id: "1", key: "allowed", value: ZEN }] }),
    node("out", "outputNode"),
  ],
  edges: [
    ["in", "rule"],
    ["rule", "out"],
  ].map(([sourceId, targetId]) => ({ id: sourceId, sourceId, targetId, type: "edge" })),
};

/** json-rules-engine can only compare two facts, so a sum must be a fact of its own. */
function rulesEngine() {
  const engine = new Engine();
  for (const [after, before] of [
    ["used_after", "used"],
    ["mine_after", "mine"],
    ["pooled_after", "pooled"],
  ]) {
    engine.addFact(
      after,
      async (_, almanac) => (await almanac.factValue(before)) + (await almanac.factValue("quantity")),
    );
  }
  const compare = (fact, operator, other) => ({ fact, operator, value: { fact: other } });
  engine.addRule({
    conditions: {
      all: [
        { fact: "active", operator: "equal", value: true },
        compare("now", "greaterThanInclusive", "starts"),
        compare("now", "lessThan", "ends"),
        compare("event", "in", "events"),
        compare("used_after", "lessThanInclusive", "max_uses"),
        compare("mine_after", "lessThanInclusive", "max_mine"),
        compare("pooled_after", "lessThanInclusive", "max_pooled"),
      ],
    },
    event: { type: "allowed" },
  });
  return engine;
}

/** By name: a function that takes the facts of one code and returns true or false, or a promise of it. */
export function peers() {
  const compiled = new LogicEngine().build(LOGIC);
  const parsed = parse(CEL);
  if (!parsed.isSuccess) throw new Error(`cel-js: ${parsed.errors}`);
  const rules = rulesEngine();
  const answer = cedar.preparsePolicySet("codes", { staticPolicies: CEDAR });
  if (answer.type !== "success") throw new Error(`cedar-wasm: ${JSON.stringify(answer)}`);
  const who = {
    principal: { type: "User", id: "ann" },
    action: { type: "Action", id: "redeem" },
    resource: { type: "Code", id: "it" },
    preparsedPolicySetId: "codes",
    entities: [],
  };
  const decision = new ZenEngine().createDecision(GRAPH);
  return {
    "json-logic-engine, compiled": compiled,
    "json-logic-js": (facts) => jsonLogic.apply(LOGIC, facts),
    "json-rules-engine": async (facts) => (await rules.run(facts)).events.length === 1,
    "cel-js, parsed": (facts) => evaluate(parsed.cst, facts),
    "cedar-wasm, parsed policies": (facts) =>
      cedar.statefulIsAuthorized({ ...who, context: facts }).response.decision === "allow",
    "zen-engine, expression": (facts) => evaluateExpressionSync(ZEN, facts),
    "zen-engine, graph": async (facts) => (await decision.evaluate(facts)).result.allowed,
  };
}

const TOP = Number.MAX_SAFE_INTEGER;
const least = (values) =>
  values.reduce((one, other) => (other[1] - other[0] < one[1] - one[0] ? other : one), [0, TOP]);

/** The facts that a host would look up for each code; of several persons or pools, the one with the least remaining. */
export function factsOf({ codes, promos, order, usage, now_ms }) {
  const used = (key) => usage.counters[key] ?? 0;
  return codes.map((typed) => {
    const promo = promos.find(({ code }) => code === typed.trim().toUpperCase());
    const scope = promo.id ? `id:${promo.id}` : `event:${order.event_id}:${promo.code}`;
    const tickets = order.lines.filter(({ ticket_type }) => promo.ticket_types?.includes(ticket_type) ?? true);
    const people = Object.entries(order.identities).map(
      ([kind, value]) => `${kind}:${value.toLowerCase().replace("+gala", "")}`,
    );
    const [mine, max_mine] = least(
      promo.max_uses_per_identity
        ? people.map((person) => [used(`code/${scope}/by/${person}`), promo.max_uses_per_identity])
        : [],
    );
    const [pooled, max_pooled] = least(
      (promo.pools ?? []).map(({ id, max_uses }) => [used(`pool/${id}/uses`), max_uses]),
    );
    return {
      active: promo.active ?? true,
      now: now_ms,
      starts: promo.starts_at_ms ?? 0,
      ends: promo.ends_at_ms ?? TOP,
      event: order.event_id,
      events: promo.events ?? [order.event_id],
      quantity: tickets.reduce((sum, { quantity }) => sum + quantity, 0),
      used: used(`code/${scope}/uses`),
      max_uses: promo.max_uses ?? TOP,
      mine,
      max_mine,
      pooled,
      max_pooled,
    };
  });
}

/** Facts that refuse for exactly one reason, one set for every reason. */
export const refusals = (facts) => [
  { ...facts, active: false },
  { ...facts, now: facts.starts - 1 },
  { ...facts, now: facts.ends },
  { ...facts, event: "other" },
  { ...facts, used: facts.max_uses - facts.quantity + 1 },
  { ...facts, mine: facts.max_mine - facts.quantity + 1 },
  { ...facts, pooled: facts.max_pooled - facts.quantity + 1 },
];
