// All codes of the event, each with how much of it is used and with the engine's warnings.
import type { Finding } from "redeemable";
import type { CodeView, Event } from "../api";
import { moneyIn, number } from "../format";
import { Heading, Panel, Problem, useEvery, useLoaded } from "../ui";
import { takesOff } from "../kinds";
import { Choose } from "./Choose";
import { Clock } from "./Clock";
import { conditions, isCounted } from "./words";
import { about, Findings, loadCodes } from "./findings";
import { Gauge } from "./Gauge";

export function Codes({ event }: { event: Event }) {
  const [found, problem, again] = useLoaded(loadCodes, []);
  useEvery(5000, again);
  const codes = found?.codes;
  const findings = found?.check(found.codes.map(({ promo }) => promo)) ?? [];
  const policy = about("policy", findings);
  return (
    <>
      <div class="lead split">
        <div>
          <Heading>Promo codes</Heading>
          <p>
            What the organiser sees: every code, what is paid, held and left of it. A real shop shows this behind a
            login.
          </p>
        </div>
        <a class="button" href="#/codes/new">
          New code
        </a>
      </div>
      {problem && <Problem of={problem} again={again} />}
      {!codes && !problem && <p class="loading">Loading the codes …</p>}
      {codes?.length === 0 && <p>There is no code yet. The first one takes a minute.</p>}
      {policy.length > 0 && (
        <Panel title="The event's policy">
          <Findings of={policy} />
        </Panel>
      )}
      {found && <Choose key={found.policy.choose} choose={found.policy.choose ?? "entered"} changed={again} />}
      {found && (
        <Clock
          key={JSON.stringify(found.clock)}
          clock={found.clock}
          hasZone={found.policy.zone != null}
          changed={again}
        />
      )}
      <ul class="cards">
        {codes?.map((code, place) => (
          <Card key={code.id} code={code} event={event} findings={about(place, findings)} />
        ))}
      </ul>
    </>
  );
}

function Card({
  code: { id, promo, figures },
  event,
  findings,
}: {
  code: CodeView;
  event: Event;
  findings: Finding[];
}) {
  const money = moneyIn(event.currency);
  return (
    <li class={`panel card ${promo.active === false ? "off" : ""}`} data-code={promo.code}>
      <h2>
        <a href={`#/codes/${id}`} class="code">
          {promo.code}
        </a>
      </h2>
      <p class="what">{takesOff(promo, event.currency)}</p>
      <p class="hint">{conditions(promo, event).join(" · ")}</p>
      {isCounted(promo) && <Gauge of={figures.uses} write={number} label="Uses" />}
      {figures.spend.limit !== null && <Gauge of={figures.spend} write={money} label="Budget" />}
      {figures.pools.map((pool) => (
        <Gauge key={pool.id} of={pool.uses} write={number} label={`Pool ${pool.id}, shared`} />
      ))}
      <Findings of={findings} />
    </li>
  );
}
