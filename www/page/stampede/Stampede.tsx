// Many buyers at the same time, at two shops: one checks first and counts later, the other commits the engine's plan.
import { useId, useState } from "preact/hooks";
import { api, type Host, type Progress } from "../api";
import { Chart } from "../Chart";
import { number } from "../format";
import { readCount, type Read } from "../typed";
import { Heading, Panel, Problem, plural, useAction } from "../ui";

type Runs = Record<Host, Progress[]>;
const NAMES: Record<Host, string> = { naive: "Check, then count", redeemable: "This shop" };

export function Stampede() {
  const [buyers, setBuyers] = useState("500");
  const [uses, setUses] = useState("50");
  const [runs, setRuns] = useState<Runs>({ naive: [], redeemable: [] });
  const [running, setRunning] = useState<Host | null>(null);
  const [run, setRun] = useState<{ buyers: number; uses: number } | null>(null);
  const { busy, problem, run: act } = useAction();
  const wanted = { buyers: within(buyers, 1, 1000), uses: within(uses, 0, 1000) };
  const valid = Object.values(wanted).every((read) => "value" in read);

  const start = () =>
    act(async () => {
      if (!("value" in wanted.buyers && "value" in wanted.uses)) return;
      const crowd = { buyers: wanted.buyers.value, uses: wanted.uses.value };
      setRun(crowd);
      setRuns({ naive: [], redeemable: [] });
      try {
        for (const host of ["naive", "redeemable"] as const) {
          setRunning(host);
          for await (const line of api.stampede(host, crowd.buyers, crowd.uses))
            setRuns((was) => ({ ...was, [host]: [...was[host], line] }));
        }
      } finally {
        setRunning(null);
      }
    });

  return (
    <>
      <div class="lead">
        <Heading>Stampede</Heading>
        <p>
          A code works a few times, and everybody wants it at once. The same crowd meets two shops: one looks how many
          are left and then counts, as is often done; the other executes the engine's plan, whose counter cannot pass
          its limit.
        </p>
      </div>
      <form
        class="panel controls"
        onSubmit={(submit) => {
          submit.preventDefault();
          if (valid) start();
        }}
        noValidate
      >
        <Count label="Buyers at once" name="buyers" value={buyers} set={setBuyers} min={1} max={1000} />
        <Count label="Uses of the code" name="uses" value={uses} set={setUses} min={0} max={1000} />
        <button type="submit" class="start" disabled={busy || !valid}>
          {busy ? "Running …" : "Let them loose"}
        </button>
      </form>
      {problem && <Problem of={problem} />}
      {run && (
        <Panel title={`${number(run.buyers)} buyers, ${plural(run.uses, "use")}`}>
          <div class="two even">
            {(["naive", "redeemable"] as const).map((host) => (
              <Result
                key={host}
                host={host}
                lines={runs[host]}
                buyers={run.buyers}
                limit={run.uses}
                running={running === host}
              />
            ))}
          </div>
          <Crowd runs={runs} limit={run.uses} />
        </Panel>
      )}
      {!run && (
        <p class="hint">Nothing has run yet. The buyers go to one shop after the other, and one chart shows both.</p>
      )}
    </>
  );
}

function within(typed: string, min: number, max: number): Read {
  const read = readCount(typed);
  return "ask" in read || (read.value >= min && read.value <= max)
    ? read
    : { ask: `expected ${min} to ${number(max)}, found ${number(read.value)}` };
}

function Count({
  label,
  name,
  value,
  set,
  min,
  max,
}: {
  label: string;
  name: string;
  value: string;
  set: (value: string) => void;
  min: number;
  max: number;
}) {
  const id = useId();
  const read = within(value, min, max);
  const wrong = "ask" in read ? read.ask : null;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        inputMode="numeric"
        autoComplete="off"
        value={value}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-hint`}
        onInput={(input) => set(input.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={`hint ${wrong ? "bad" : ""}`}>
        {wrong ?? `${min} to ${number(max)}`}
      </p>
    </div>
  );
}

function Result({
  host,
  lines,
  buyers,
  limit,
  running,
}: {
  host: Host;
  lines: Progress[];
  buyers: number;
  limit: number;
  running: boolean;
}) {
  const last = lines.at(-1);
  const sold = last?.sold ?? 0;
  const verdict = !last?.done
    ? null
    : last.oversold > 0
      ? `Oversold: the limit was ${number(limit)}, so ${number(last.oversold)} were too many.`
      : `Stopped at ${sold === limit ? "exactly " : ""}${number(sold)} of ${number(limit)}; ` +
        `${number(last.refused)} buyers were told that it is used up.`;
  return (
    <div
      class={`run ${host} ${last?.done ? (last.oversold > 0 ? "over" : "exact") : ""}`}
      data-host={host}
      data-done={last?.done ?? false}
      data-sold={sold}
    >
      <h3>{NAMES[host]}</h3>
      <p class="count">
        <strong>{number(sold)}</strong> sold
      </p>
      <p role="status">
        {verdict ?? (running ? `${number(sold + (last?.refused ?? 0))} of ${number(buyers)} answered …` : "waiting")}
      </p>
    </div>
  );
}

/** A chart of both shops over the number of buyers answered, which does not depend on the speed of the machine. */
function Crowd({ runs, limit }: { runs: Runs; limit: number }) {
  const at = (lines: Progress[]) =>
    new Map([[0, 0], ...lines.map(({ sold, refused }) => [sold + refused, sold] as [number, number])]);
  const [naive, redeemable] = [at(runs.naive), at(runs.redeemable)];
  const x = [...new Set([...naive.keys(), ...redeemable.keys()])].sort((a, b) => a - b);
  const [left, right] = [runs.naive.at(-1), runs.redeemable.at(-1)];
  const label =
    left?.done && right?.done
      ? `Of ${number(limit)} uses, checking and then counting sold ${number(left.sold)}; ` +
        `this shop sold ${number(right.sold)}.`
      : "Sold over the number of buyers that were answered.";
  return (
    <Chart
      label={label}
      x={{ name: "Buyers answered", values: x, write: number }}
      y="Sold"
      series={[
        { name: NAMES.naive, colour: "warm", values: x.map((each) => naive.get(each) ?? null) },
        { name: NAMES.redeemable, colour: "accent", values: x.map((each) => redeemable.get(each) ?? null) },
        { name: `Limit: ${number(limit)}`, colour: "bad", values: x.map(() => limit), dashed: true },
      ]}
    />
  );
}
