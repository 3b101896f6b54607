// The page asks the server about a code once, and prices each change of a quantity itself. When the buyer orders, the
// server prices the order again.
import { init, validateRedemption } from "/redeemable/browser.js";
import { messages } from "/redeemable/messages.js";

const form = document.querySelector("form");
const output = document.querySelector("#price");
const { refusal } = messages(navigator.languages);
let known = null;
let ending;

async function ask() {
  const code = form.elements.code.value.trim();
  const response = await fetch(`/view?${new URLSearchParams({ code })}`);
  if (code !== form.elements.code.value.trim()) return; // the answer is about an earlier text
  known = response.ok ? await response.json() : null;
  show();
  // Then the first promotion of the view ends. The server's clock says when.
  clearTimeout(ending);
  const end = known?.view.valid_until_ms ?? null;
  if (end !== null) ending = setTimeout(ask, Math.min(end - known.now_ms, 2 ** 31 - 1));
}

function show() {
  if (known === null) return say("The price cannot be told now.");
  const { event, types, up_to } = known;
  const { codes, promos, policy, complete } = known.view;
  const lines = types
    .map((type) => ({ ...type, quantity: form.elements[type.ticket_type].valueAsNumber || 0 }))
    .filter(({ quantity }) => quantity > 0);
  if (lines.length === 0) return say("Choose a ticket.");
  if (!complete) return say("The price is told when you order.");
  if (lines.reduce((sum, { quantity }) => sum + quantity, 0) > up_to)
    return say(`The price of more than ${up_to} tickets is told when you order.`);
  const { quote, violations } = validateRedemption({
    codes,
    promos,
    policy,
    order: { ...event, lines },
    now_ms: known.now_ms,
  });
  const price = new Intl.NumberFormat(navigator.languages, { style: "currency", currency: quote.currency }).format(
    quote.total / 100,
  );
  say([price, ...refusal(violations, { currency: quote.currency }).map(({ message }) => message)].join(" · "));
}

/** Shows the text. Never use innerHTML here: a code may contain `<`. */
function say(text) {
  output.textContent = text;
}

let typing;
form.elements.code.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(ask, 300);
});
for (const name of ["regular", "student"]) form.elements[name].addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());

await init();
await ask();
