// The promotions of a request, where functions of the host find them.
import { canonicalCode } from "#engine";
import { invalid, known } from "./options.js";

/** Whether functions find them. If not, they are a list, or a mistake that the engine names. */
export const areFound = (promos) =>
  typeof promos === "function" || (typeof promos === "object" && promos !== null && !Array.isArray(promos));

/** The documents that are asked for in every order, and then those of the typed codes, each once. */
export async function found(promos, codes) {
  if (typeof promos === "function") return typed(promos, codes);
  const { always, find } = known(promos, ["always", "find"], ["promos"]);
  for (const [name, of] of Object.entries({ always, find }))
    if (typeof of !== "function") throw invalid(["promos", name], `expected a function, found ${typeof of}`);
  const everywhere = listed(await always(), "always");
  const asked = listed(await typed(find, codes), "find");
  // Somebody may have typed the code of one that is asked for anyway. What was found just now counts: `always` may have
  // answered from a cache.
  const isOther = (document) => !asked.some((typed) => typed?.code === document?.code);
  return [...everywhere.filter(isOther), ...asked];
}

/** What the function finds. It is not called without a code: a list of no codes is an error in many a database. */
function typed(find, codes) {
  const forms = new Map();
  for (const text of codes) {
    const { canonical, loose } = canonicalCode({ text });
    if (canonical !== "") forms.set(canonical, { canonical, loose });
  }
  return forms.size === 0 ? [] : find([...forms.values()]);
}

function listed(answer, name) {
  if (!Array.isArray(answer)) throw invalid(["promos", name], "expected it to return an array");
  return answer;
}
