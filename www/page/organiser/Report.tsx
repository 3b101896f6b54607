// The report of a code: what came in, what was given away, who used it and when, for a time that the organiser chooses.
import { useState } from "preact/hooks";
import { api, reportCsv, type CodeReport, type Event, type Reported } from "../api";
import { language, moneyIn, number, periodName } from "../format";
import { Panel, plural, Problem, useEvery, useLoaded } from "../ui";
import { Choice } from "./fields";
import { Columns } from "./Columns";

const DAY = 86_400_000;
const TIMES: [string, string, number | null][] = [
  ["all", "at any time", null],
  ["1", "in the last 24 hours", DAY],
  ["7", "in the last 7 days", 7 * DAY],
  ["30", "in the last 30 days", 30 * DAY],
];
const SERIES = [
  { name: "Came in", colour: "accent" },
  { name: "Waits for payment", colour: "warm", hatched: true },
  { name: "Given away", colour: "gift" },
];
const PERIODS = { hour: "Hour", day: "Day", month: "Month" };

export function Report({ event, id, hasZone }: { event: Event; id: string; hasZone: boolean }) {
  const [time, setTime] = useState("all");
  const length = TIMES.find(([key]) => key === time)?.[2] ?? null;
  const since = () => (length === null ? null : Date.now() - length);
  const [found, problem, again] = useLoaded(() => api.report(Number(id), since()), [id, time]);
  useEvery(10_000, again);
  return (
    <Panel title="Report" class="report">
      <div class="split">
        <Choice
          name="time"
          label="Orders that were placed"
          value={time}
          set={setTime}
          wrong={undefined}
          options={TIMES.map(([key, name]) => [key, name])}
        />
        <a class="button plain" href={reportCsv(Number(id), since())} download>
          Download as CSV
        </a>
      </div>
      {problem && <Problem of={problem} again={again} />}
      {!found && !problem && <p class="hint">Adding up …</p>}
      {found && <Told report={found} event={event} hasZone={hasZone} />}
    </Panel>
  );
}

const partsOf = ({ confirmed, held }: Reported) => [confirmed.paid, held.paid, confirmed.discount + held.discount];

function Told({ report, event, hasZone }: { report: CodeReport; event: Event; hasZone: boolean }) {
  const money = moneyIn(event.currency);
  const { held, confirmed, released, every, periods, persons, persons_total } = report;
  const [came, waits, given] = partsOf(report) as [number, number, number];
  const [orders, tickets] = [confirmed.orders + held.orders, confirmed.tickets + held.tickets];
  if (orders === 0 && released.tickets === 0)
    return <p class="hint">No order had this code then. Buy a ticket with it, and it shows here.</p>;
  const list = confirmed.list + held.list;
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const figures: [name: string, value: string, more: string, colour?: string][] = [
    [
      "Came in",
      money(came),
      `${plural(confirmed.tickets, "ticket")} in ${plural(confirmed.orders, "order")}`,
      "accent",
    ],
    ["Given away", money(given), list > 0 ? `${percent.format(given / list)} of ${money(list)}` : "of nothing", "gift"],
    ["Waits for payment", money(waits), plural(held.tickets, "ticket"), "warm"],
    ["Came back", plural(released.tickets, "ticket"), `worth ${money(released.paid)}`],
  ];
  const named = periods.map((period) => ({ ...period, ...periodName(every, period.starts) }));
  return (
    <>
      <dl class="figures">
        {figures.map(([name, value, more, colour]) => (
          <div key={name} style={colour ? { borderColor: `var(--${colour})` } : {}}>
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong> <span class="hint">{more}</span>
            </dd>
          </div>
        ))}
      </dl>
      {tickets > 0 && (
        <>
          <h3>When</h3>
          <Columns
            label={
              `${money(came)} came in, ${money(waits)} waits for payment and ${money(given)} was given away, ` +
              `by the ${every} in which the order was placed${hasZone ? "" : ", in UTC"}.`
            }
            of={PERIODS[every]}
            series={SERIES}
            columns={named.map((period) => ({ name: period.name, tick: period.tick, parts: partsOf(period) }))}
            write={money}
          />
        </>
      )}
      {persons.length > 0 && (
        <>
          <h3>Who</h3>
          <Persons persons={persons} money={money} />
          {persons_total > persons.length && (
            <p class="hint">
              And {plural(persons_total - persons.length, "other person", "other people")}, who are in the CSV.
            </p>
          )}
        </>
      )}
    </>
  );
}

/** Those for whom most was taken off come first. The bars of all have one scale. */
function Persons({ persons, money }: { persons: CodeReport["persons"]; money: (amount: number) => string }) {
  const whole = Math.max(1, ...persons.map((person) => partsOf(person).reduce((sum, part) => sum + part, 0)));
  return (
    <table class="ledger persons">
      <thead>
        <tr>
          <th scope="col">Person</th>
          <th scope="col" class="money">
            Tickets
          </th>
          <th scope="col" class="money">
            Pays
          </th>
          <th scope="col" class="money">
            Given away
          </th>
          <td class="drawn" />
        </tr>
      </thead>
      <tbody>
        {persons.map((person) => {
          const { held, confirmed, released } = person;
          const parts = partsOf(person);
          const kept = held.tickets + confirmed.tickets;
          return (
            <tr key={person.person} data-person={person.person}>
              <td data-label="Person">{person.person.replace(/^email:/, "")}</td>
              <td data-label="Tickets" class="money">
                {number(kept)}
                {released.tickets > 0 && <span class="hint"> and {number(released.tickets)} came back</span>}
              </td>
              <td data-label="Pays" class="money">
                {money(held.paid + confirmed.paid)}
              </td>
              <td data-label="Given away" class="money">
                {money(held.discount + confirmed.discount)}
              </td>
              <td class="drawn">
                <div class="bar" aria-hidden="true">
                  {SERIES.map(({ name, colour }, i) => (
                    <i key={name} class={colour} style={{ width: `${(parts[i]! / whole) * 100}%` }} />
                  ))}
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
