// The server is asked about a code once; each change of a quantity is priced here. An order is priced by the server
// again.
import { init, validateRedemption } from "/redeemable/browser.js";
import { messages } from "/redeemable/messages.js";

const form = document.querySelector("form");
const output = document.querySelector("#price");
const { refusal } = messages(navigator.languages);
let known = null;

async function ask() {
  const code = form.elements.code.value.trim();
  const response = await fetch(`/view?${new URLSearchParams({ code })}`);
  if (code !== form.elements.code.value.trim()) return; // an answer to what is not typed any more
  known = response.ok ? await response.json() : null;
  show();
}

function show() {
  if (known === null) return say("The price cannot be told now.");
  const { view, event, types, up_to } = known;
  const lines = types
    .map((type) => ({ ...type, quantity: form.elements[type.ticket_type].valueAsNumber || 0 }))
    .filter(({ quantity }) => quantity > 0);
  if (lines.length === 0) return say("Choose a ticket.");
  if (lines.reduce((sum, { quantity }) => sum + quantity, 0) > up_to)
    return say(`The price of more than ${up_to} tickets is told when you order.`);
  const { quote, violations } = validateRedemption({ ...view, order: { ...event, lines }, now_ms: Date.now() });
  const price = new Intl.NumberFormat(navigator.languages, { style: "currency", currency: quote.currency }).format(
    quote.total / 100,
  );
  say([price, ...refusal(violations, { currency: quote.currency }).map(({ message }) => message)].join(" · "));
}

/** As text, never as markup: a code may hold `<`. */
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
