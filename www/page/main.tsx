// The page has three views with an address each: #/ (buy), #/codes (organise) and #/stampede.
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { init } from "redeemable";
import { api, type Event } from "./api";
import icon from "./icon.svg";
import { Buyer } from "./buyer/Buyer";
import { Order } from "./buyer/Order";
import { Stampede } from "./stampede/Stampede";
import { Heading, Problem, useLoaded, useRoute } from "./ui";
import "./style.css";

const VIEWS = [
  { href: "#/", name: "Buy tickets", own: ["", "order"] },
  { href: "#/codes", name: "Organise", own: ["codes"] },
  { href: "#/stampede", name: "Stampede", own: ["stampede"] },
];

/** Loads the engine and the event, which every view needs. */
const open = () => Promise.all([api.event(), init()]).then(([event]) => event);

function Page() {
  const [event, problem, again] = useLoaded(open, []);
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const [view = "", id = "", part = ""] = route;

  useEffect(() => {
    document.title = `${VIEWS.find(({ own }) => own.includes(view))?.name ?? "Not found"} · redeemable`;
  }, [view]);

  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: a skip link; the address after # is the page's view */}
      <a
        class="skip"
        href="#main"
        onClick={(click) => {
          click.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <p class="brand">
          <a href="#/">
            <img src={icon} alt="" width="28" height="28" /> redeemable <span>demo shop</span>
          </a>
        </p>
        <nav aria-label="Views">
          {VIEWS.map(({ href, name, own }) => (
            <a key={href} href={href} aria-current={own.includes(view) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {problem && <Problem of={problem} again={again} />}
        {!event && !problem && <p class="loading">Opening the shop …</p>}
        {event && show(event, view, id, part)}
      </main>
      <footer>
        <p>
          Every price on this page is worked out in your browser by the engine that the shop itself runs, compiled to
          WebAssembly. The shop decides again, in one transaction with the counters.
        </p>
      </footer>
    </>
  );
}

/** What only the organiser needs is a file of its own, which no buyer downloads. */
function Organise(props: { event: Event; id: string; part: string }) {
  const [views, problem, again] = useLoaded(() => import("./organiser/Organiser"), []);
  if (problem) return <Problem of={problem} again={again} />;
  return views ? <views.Organiser {...props} /> : <p class="loading">Opening the codes …</p>;
}

function show(event: Event, view: string, id: string, part: string) {
  const isCode = id === "new" || /^\d+$/.test(id);
  if (view === "") return <Buyer event={event} />;
  if (view === "order") return <Order key={id} event={event} id={id} />;
  if (view === "codes" && (id === "" || isCode)) return <Organise event={event} id={id} part={part} />;
  if (view === "stampede") return <Stampede />;
  return (
    <>
      <Heading>There is nothing here</Heading>
      <p>
        <a href="#/">Buy tickets</a>
      </p>
    </>
  );
}

const place = document.getElementById("page")!;
place.replaceChildren();
render(<Page />, place);
