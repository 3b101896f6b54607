// One code: what is left of it, its uses over time, what an edit would change, and its ledger.
import { api, type Entry, type Event } from "../api";
import { Chart } from "../Chart";
import { date, moneyIn, number, preciseDateTime, preciseTime, time } from "../format";
import { Heading, Panel, Problem, plural, useEvery, useLoaded } from "../ui";
import { takesOff } from "../kinds";
import { conditions, isCounted } from "./words";
import { about, Findings, loadCodes } from "./findings";
import { Gauge } from "./Gauge";
import { Ledger } from "./Ledger";
import { Report } from "./Report";
import { WhatIf } from "./WhatIf";

/** The most entries that the shop answers at once. */
const NEWEST = 1000;

export function Code({ event, id }: { event: Event; id: string }) {
  const [found, problem, again] = useLoaded(async () => {
    const [{ codes, check, policy }, ledger] = await Promise.all([loadCodes(), api.ledger(Number(id), NEWEST)]);
    const place = codes.findIndex((each) => each.id === Number(id));
    return {
      code: codes[place],
      ledger,
      hasZone: policy.zone != null,
      findings: about(place, check(codes.map(({ promo }) => promo))),
    };
  }, [id]);
  useEvery(5000, again);
  const code = found?.code;
  if (!code || !found) {
    return (
      <>
        <Heading>Promo code</Heading>
        {problem && <Problem of={problem} again={again} />}
        <p class={found || problem ? "" : "loading"}>
          {found ? "There is no such code." : problem ? "" : "Loading the code …"}
        </p>
        <p>
          <a href="#/codes">All codes</a>
        </p>
      </>
    );
  }
  const { promo, figures } = code;
  const money = moneyIn(event.currency);
  return (
    <>
      <div class="lead split">
        <div>
          <p class="back">
            <a href="#/codes">All codes</a>
          </p>
          <Heading class="code">{promo.code}</Heading>
          <p>{[takesOff(promo, event.currency), ...conditions(promo, event)].join(" · ")}</p>
        </div>
        <a class="button" href={`#/codes/${id}/edit`}>
          Edit
        </a>
      </div>
      {problem && <Problem of={problem} again={again} />}
      {found.findings.length > 0 && (
        <Panel title="What the engine warns of">
          <Findings of={found.findings} />
        </Panel>
      )}
      <div class="two even">
        <Panel
          title="What is left"
          hint="A use is taken when tickets are held, and comes back when a hold runs out or a ticket is given back."
        >
          {isCounted(promo) && <Gauge of={figures.uses} write={number} label="Uses" />}
          {(figures.spend.limit !== null || figures.spend.used > 0) && (
            <Gauge of={figures.spend} write={money} label="Taken off" />
          )}
          {figures.pools.map((pool) => (
            <Gauge key={pool.id} of={pool.uses} write={number} label={`Pool ${pool.id}, shared`} />
          ))}
        </Panel>
        <WhatIf key={`${code.revision}`} event={event} code={code} />
      </div>
      <Report event={event} id={id} hasZone={found.hasZone} />
      <Panel title="Uses over time">
        <Redemptions entries={found.ledger.entries} limit={figures.uses.limit} isCounted={isCounted(promo)} />
      </Panel>
      <Ledger event={event} entries={found.ledger.entries} total={found.ledger.total} changed={again} />
    </>
  );
}

interface Used {
  entries: Entry[];
  limit: number | null;
  isCounted: boolean;
}

function Redemptions({ entries, limit, isCounted }: Used) {
  if (entries.length === 0)
    return (
      <p class="hint">
        {isCounted
          ? "Nobody has used this code yet. Buy a ticket with it, and it shows here."
          : "It applies by itself and has no limit, so its uses are not counted: the report says who got it."}
      </p>
    );
  const oldest = [...entries].reverse();
  const last = oldest.at(-1)!;
  // The line begins before the first entry and ends now. It spans at least a minute.
  const now = Math.max(Date.now(), oldest[0]!.at_ms + 60_000);
  const points = [
    [oldest[0]!.at_ms - 1, oldest[0]!.used - oldest[0]!.uses],
    ...oldest.map(({ at_ms, used }) => [at_ms, used]),
    [now, last.used],
  ] as [number, number][];
  const most = Math.max(...points.map(([, used]) => used));
  // A limit far above the uses would make their line flat, so it is not drawn. The chart's sentence still names it.
  const isNear = limit !== null && limit <= Math.max(4 * most, 10);
  return (
    <Chart
      label={
        `${plural(last.used, "use")} now, ${number(most)} at most` +
        (limit === null ? "; there is no limit." : `; the limit is ${number(limit)}.`)
      }
      x={{
        name: "Time",
        values: points.map(([ms]) => ms / 1000),
        write: (seconds) => preciseDateTime(seconds * 1000),
        tick: (seconds, span) => (span < 600 ? preciseTime : span < 20 * 3600 ? time : date)(seconds * 1000),
      }}
      y="Uses"
      stepped
      series={[
        { name: "Uses", colour: "accent", values: points.map(([, used]) => used) },
        ...(isNear
          ? [{ name: `Limit: ${number(limit)}`, colour: "bad", values: points.map(() => limit), dashed: true }]
          : []),
      ]}
    />
  );
}
