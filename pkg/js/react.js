// The price while the buyer types, for React and Preact: decided in the page, with what the shop tells it of one code.
import { useEffect, useMemo, useRef, useState } from "react";
import { init, validateRedemption } from "#page";
import { messages } from "./messages.js";
import { invalid, known } from "./options.js";

const OPTIONS = [
  "url",
  "codes",
  "lines",
  "identities",
  "locales",
  "ticketTypes",
  "debounce_ms",
  "refresh_ms",
  "fetcher",
];

/** A timer that is set for longer ends at once. */
const LONGEST = 2 ** 31 - 1;

/** Previews an order; react.d.ts describes the options and the answer. */
export function usePromoPreview(options) {
  const { url, locales = "en", ticketTypes = {}, ...given } = known(options, OPTIONS, ["options"]);
  const { identities = null, fetcher = fetched, debounce_ms = 300, refresh_ms = 60_000 } = given;
  for (const name of ["codes", "lines"])
    if (!Array.isArray(given[name])) throw invalid(["options", name], "expected a list");
  const codes = given.codes.map((code) => code.trim()).filter((code) => code !== "");
  const lines = given.lines.filter(({ quantity }) => quantity !== 0);

  // Each answer is kept with its question, and is shown only while this is what is asked.
  const [answers, setAnswers] = useState({ view: null, preview: null, problem: null });
  const person = { codes, ...(identities && { identities }) };
  const questions = {
    view: JSON.stringify({ url, route: "view", body: person }),
    preview: JSON.stringify({ url, route: "preview", body: { ...person, lines } }),
  };
  const answerTo = (kind, question) => (answers[kind]?.to === question ? answers[kind].is : null);
  const view = answerTo("view", questions.view);
  const route = codes.length > 1 || (view !== null && !isSeen(view, lines)) ? "preview" : "view";
  const question = questions[route];
  const answer = answerTo(route, question);
  const problem = answerTo("problem", question);

  // The effect must not begin anew because a page makes these functions and numbers anew at each rendering.
  const latest = useRef(null);
  latest.current = { fetcher, debounce_ms, refresh_ms };
  const isIdle = lines.length === 0 || problem !== null;
  useEffect(() => {
    if (isIdle) return undefined;
    const asked = JSON.parse(question);
    const gone = new AbortController();
    const isGone = () => gone.signal.aborted;
    let isKnown = false;
    const ask = async () => {
      let pause = latest.current.refresh_ms;
      try {
        const answered = latest.current.fetcher(asked.url, asked.route, asked.body, gone.signal);
        // The engine is loaded with the first answer. Before that, nothing can be decided.
        const [is] = await Promise.all([answered, init()]);
        if (isGone()) return;
        isKnown = true;
        pause = Math.min(pause, lastsFor(is));
        setAnswers((was) => ({ ...was, [asked.route]: { to: question, is }, problem: null }));
      } catch (error) {
        if (isGone()) return;
        // What cannot be refreshed stays.
        if (!isKnown) return setAnswers((was) => ({ ...was, problem: { to: question, is: error } }));
      }
      timer = setTimeout(ask, Math.min(pause, LONGEST));
    };
    let timer = setTimeout(ask, latest.current.debounce_ms);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [question, isIdle]);

  const language = JSON.stringify(locales);
  const sentences = useMemo(() => messages(JSON.parse(language)), [language]);
  const shown = JSON.stringify({ lines, ticketTypes });
  const [decision, fault] = useMemo(
    () => (answer === null ? [null, null] : decided(answer, JSON.parse(shown), sentences)),
    [answer, shown, sentences],
  );
  const error = fault ?? problem;
  const retry = () => setAnswers((was) => ({ ...was, problem: null }));
  const prices = view?.prices ?? null;
  if (lines.length === 0) return { state: "empty", decision: null, prices, error: null, retry };
  const state = error !== null ? "error" : decision === null ? "loading" : "ready";
  return { state, decision, prices, error, retry };
}

/** The decision on these lines, or the error because of which there is none. */
function decided(answer, { lines, ticketTypes }, sentences) {
  if (lines.length === 0) return [null, null];
  try {
    // The shop's answer is a decision; a view makes the page decide.
    const { status, quote, applied, refusals } = answer.view === undefined ? answer : decide(answer, lines);
    const told = sentences.refusal(refusals, { currency: quote.currency, ticketTypes });
    return [{ status, quote, applied, refusals: told }, null];
  } catch (error) {
    return [null, error];
  }
}

/** How long a view holds: until the first of its promotions ends. The shop's clock says when, not the page's. */
function lastsFor({ view, now_ms }) {
  const end = view?.valid_until_ms ?? null;
  return end === null ? Number.POSITIVE_INFINITY : end - now_ms;
}

/** Whether the page may price these lines with this view; otherwise it asks the shop. */
function isSeen({ view, prices, up_to }, lines) {
  const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return view.complete && tickets <= up_to && lines.every(({ ticket_type }) => Object.hasOwn(prices, ticket_type));
}

function decide({ view, order, prices, now_ms }, lines) {
  const priced = lines.map((line) => ({ ...line, unit_price: prices[line.ticket_type] }));
  const { codes, promos, policy } = view;
  const { status, quote, applied, violations } = validateRedemption({
    codes,
    promos,
    policy,
    order: { ...order, lines: priced },
    now_ms,
  });
  return { status, quote, applied: applied.map(({ remaining, ...what }) => what), refusals: violations };
}

/** Asks the routes of `createHandler`. Without identities, a view is a GET. */
async function fetched(url, route, body, signal) {
  const { codes, identities } = body;
  const isGet = route === "view" && identities === undefined;
  const query = isGet && codes.length > 0 ? `?code=${encodeURIComponent(codes[0])}` : "";
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/${route}${query}`, { signal, ...(!isGet && json) });
  const read = await answer.json().catch(() => null);
  if (answer.ok && read !== null) return read;
  const { code = "unreachable", path = "", message = "expected an answer of the shop" } = read?.error ?? {};
  throw Object.assign(new Error(message), { code, path });
}
