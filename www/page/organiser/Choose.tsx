// Which codes count if several fit an order: a word of the event's policy.
import type { Policy } from "redeemable";
import { useState } from "preact/hooks";
import { api } from "../api";
import { Problem, useAction } from "../ui";
import { Choice } from "./fields";

type Word = NonNullable<Policy["choose"]>;

const WORDS: Record<Word, { option: string; said: string; hint: string }> = {
  entered: {
    option: "what the buyer typed",
    said: "What the buyer typed counts.",
    hint: "All typed codes count, or the order is refused. Those that apply by themselves are added if they may be.",
  },
  best: {
    option: "what costs the buyer least",
    said: "What costs the buyer least counts.",
    hint: "Of the typed codes and those that apply by themselves, at most six, the cheapest allowed choice is taken.",
  },
};

export function Choose({ choose, changed }: { choose: Word; changed: () => void }) {
  const [word, setWord] = useState(choose);
  const { busy, problem, run } = useAction();
  return (
    <details class="panel group choose">
      <summary>
        <h2>If several codes fit</h2>
        <span class="hint">{WORDS[choose].said}</span>
      </summary>
      <form
        class="stack"
        onSubmit={(submit) => {
          submit.preventDefault();
          run(async () => {
            await api.setChoose(word);
            changed();
          });
        }}
      >
        <Choice
          name="choose"
          label="This counts"
          value={word}
          set={(text) => setWord(text as Word)}
          wrong={undefined}
          options={Object.entries(WORDS).map(([name, { option }]) => [name, option])}
          hint={WORDS[word].hint}
        />
        {problem && <Problem of={problem} />}
        <p class="buttons">
          <button type="submit" disabled={busy}>
            {busy ? "Saving …" : "Set it"}
          </button>
        </p>
      </form>
    </details>
  );
}
