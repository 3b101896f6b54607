// How a discount is worked out: the terms of a percent, the rounding, the currencies of the amounts.
import { useId, useState } from "preact/hooks";
import { useDraft, type Loose } from "./draft";
import { PercentTerms } from "./Simple";
import { Word } from "./inputs";

export function Working() {
  const { promo } = useDraft();
  const isPercent = (promo.discount as Loose | null | undefined)?.kind === "percent";
  return (
    <>
      {isPercent && <PercentTerms path={["discount"]} />}
      <Word
        path={["rounding"]}
        hint="Under a percentage."
        options={[
          ["half_up", "is rounded to the nearer, a half up"],
          ["half_down", "is rounded to the nearer, a half down"],
          ["half_even", "is rounded to the nearer, a half to the even one"],
          ["up", "is rounded up"],
          ["down", "is rounded down"],
        ]}
      />
      <Currencies />
    </>
  );
}

/** The currencies of all amounts. With several, an order in each of them gets its own amounts. */
function Currencies() {
  const { currencies, setCurrencies } = useDraft();
  const [more, setMore] = useState("");
  const id = useId();
  const name = more.trim();
  const add = () => {
    if (name === "" || currencies.includes(name)) return;
    setCurrencies([...currencies, name]);
    setMore("");
  };
  return (
    <fieldset class="entries" name="currency">
      <legend>Currencies of the amounts</legend>
      <ul class="chips">
        {currencies.map((currency) => (
          <li key={currency}>
            {currency}{" "}
            {currencies.length > 1 && (
              <button
                type="button"
                class="plain small"
                aria-label={`Remove ${currency}`}
                onClick={() => setCurrencies(currencies.filter((each) => each !== currency))}
              >
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      <div class="field inline">
        <label for={id}>Another one</label>
        <input
          id={id}
          name="another_currency"
          autoComplete="off"
          spellcheck={false}
          placeholder="USD"
          value={more}
          onInput={(input) => setMore(input.currentTarget.value)}
          onKeyDown={(key) => {
            // Enter would send the form.
            if (key.key === "Enter") {
              key.preventDefault();
              add();
            }
          }}
        />
        <button type="button" class="plain small" disabled={name === "" || currencies.includes(name)} onClick={add}>
          Add the currency
        </button>
      </div>
    </fieldset>
  );
}
