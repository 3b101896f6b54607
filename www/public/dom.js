// Small helpers that the page's modules share.

/** An element with attributes and children; text is never read as markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Formats minor units; the number of decimals is the currency's own. */
export function moneyIn(currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const { maximumFractionDigits } = format.resolvedOptions();
  return (amount) => format.format(amount / 10 ** maximumFractionDigits);
}

/** Asks the host; a failure is thrown as an Error with the host's code, path and message. */
export async function api(path, body) {
  const answer = await fetch(path, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.error.message), json.error);
  return json;
}
