// How many tickets of a type, with a button for one less and one for one more.
import { useId } from "preact/hooks";
import type { TicketType } from "../api";

export function Quantity({
  type,
  price,
  value,
  set,
}: {
  type: TicketType;
  price: string;
  value: number;
  set: (value: number) => void;
}) {
  const id = useId();
  const to = (next: number) => set(Math.max(0, Math.min(20, Number.isInteger(next) ? next : 0)));
  return (
    <div class="quantity">
      <label for={id}>
        {type.name} <span class="each">{price}</span>
      </label>
      <div class="stepper">
        <button type="button" aria-label={`One ${type.name} less`} disabled={value === 0} onClick={() => to(value - 1)}>
          −
        </button>
        <input
          id={id}
          name={type.id}
          type="number"
          inputMode="numeric"
          min={0}
          max={20}
          value={value}
          onInput={(input) => to(input.currentTarget.valueAsNumber)}
        />
        <button
          type="button"
          aria-label={`One ${type.name} more`}
          disabled={value === 20}
          onClick={() => to(value + 1)}
        >
          +
        </button>
      </div>
    </div>
  );
}
