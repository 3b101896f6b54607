// One code: what is left of it, its uses over time, what an edit would do, and its ledger.
import { useState } from "preact/hooks";
import { api, type Entry, type Event } from "../api";
import { Chart } from "../Chart";
import { dateTime, moneyIn, number } from "../format";
import { Panel, plural, Problem, useLoaded } from "../ui";
import { conditions, takesOff } from "../words";
import { Gauge } from "./Gauge";
import { Ledger } from "./Ledger";
import { WhatIf } from "./WhatIf";

const NEWEST = 1000;

export function Code({ event, id }: { event: Event; id: string }) {
  const [shown, setShown] = useState(NEWEST);
  const [found, problem, again] = useLoaded(async () => {
    const [codes, ledger] = await Promise.all([api.codes(), api.ledger(Number(id), shown)]);
    const code = codes.find((each) => each.id === Number(id));
    return { code, ledger };
  }, [id, shown]);
  const code = found?.code;
  if (!code || !found) {
    return (
      <>
        <h1 tabIndex={-1}>Promo code</h1>
        {problem && <Problem of={problem} again={again} />}
        <p class={found || problem ? "" : "loading"}>{found ? "There is no such code." : problem ? "" : "Loading the code …"}</p>
        <p><a href="#/codes">All codes</a></p>
      </>
    );
  }
  const { promo, figures } = code;
  const money = moneyIn(event.currency);
  return (
    <>
      <div class="lead split">
        <div>
          <p class="back"><a href="#/codes">All codes</a></p>
          <h1 tabIndex={-1} class="code">{promo.code}</h1>
          <p>{[takesOff(promo, event.currency), ...conditions(promo, event)].join(" · ")}</p>
        </div>
        <a class="button" href={`#/codes/${id}/edit`}>Edit</a>
      </div>
      {problem && <Problem of={problem} again={again} />}
      <div class="two even">
        <Panel title="What is left" hint="A use is taken when the tickets are held, and comes back when a hold runs out or a ticket is given back.">
          <Gauge of={figures.uses} write={number} label="Uses" />
          {(figures.spend.limit !== null || figures.spend.used > 0) && <Gauge of={figures.spend} write={money} label="Taken off" />}
          {figures.pools.map((pool) => <Gauge key={pool.id} of={pool.uses} write={number} label={`Pool ${pool.id}, shared`} />)}
        </Panel>
        <WhatIf key={`${code.revision}`} event={event} code={code} />
      </div>
      <Panel title="Uses over time">
        <Redemptions entries={found.ledger.entries} limit={figures.uses.limit} />
      </Panel>
      <Ledger event={event} entries={found.ledger.entries} total={found.ledger.total} changed={again} more={() => setShown(NEWEST)} />
    </>
  );
}

function Redemptions({ entries, limit }: { entries: Entry[]; limit: number | null }) {
  if (entries.length === 0) return <p class="hint">Nobody has used this code yet. Buy a ticket with it, and it shows here.</p>;
  const oldest = [...entries].reverse();
  const last = oldest.at(-1)!;
  const x = oldest.map(({ at_ms }) => at_ms / 1000);
  const uses = oldest.map(({ used }) => used);
  return (
    <Chart
      label={`${plural(last.used, "use")} after ${plural(entries.length, "entry", "entries")} in the ledger${limit === null ? ", without a limit" : `, of ${number(limit)} allowed`}.`}
      x={{ name: "Time", values: x, write: (seconds) => dateTime(seconds * 1000), isTime: true }}
      series={[
        { name: "Uses", colour: "accent", values: uses },
        ...(limit === null ? [] : [{ name: "Limit", colour: "bad", values: x.map(() => limit), dashed: true }]),
      ]}
    />
  );
}
