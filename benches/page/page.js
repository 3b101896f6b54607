// Draws DATA as charts, in the colours of the reader's colour scheme, each with a table of its values.
const NOTES = { whole: "", keys: "", verdict: "verdict only" };
const number = (value) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function scrolling(label, ...children) {
  const node = element("div", { className: "scroll", tabIndex: 0 }, ...children);
  node.setAttribute("role", "region");
  node.setAttribute("aria-label", label);
  return node;
}

/** `rows`: `{name, note, ours, cells: [[text, small]]}`. */
function table(label, columns, rows) {
  const head = element(
    "thead",
    {},
    element("tr", {}, ...columns.map((title) => element("th", { scope: "col" }, title))),
  );
  const body = rows.map(({ name, note, ours, cells }) => {
    const title = element("th", { scope: "row" }, name, note ? element("small", {}, ` ${note}`) : "");
    return element(
      "tr",
      { className: ours ? "ours" : "" },
      title,
      ...cells.map(([text, small]) => element("td", {}, text, small ? element("small", {}, ` ${small}`) : "")),
    );
  });
  return scrolling(label, element("table", {}, head, element("tbody", {}, ...body)));
}

const drawers = [];
/** Draws a chart as wide as its container, and again when the width or the colour scheme changes. */
function chart(label, height, options, data) {
  const place = element("div", { className: "plot" });
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  let plot = null;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot({ width: place.clientWidth - 24, height, ...options() }, data, place);
  };
  drawers.push(draw);
  return scrolling(label, place);
}
const axis = (more) => ({
  stroke: color("quiet"),
  grid: { stroke: color("line"), width: 1 },
  ticks: { stroke: color("line") },
  font: "12px system-ui",
  ...more,
});
const written = (us) => (us >= 1e6 ? `${us / 1e6} s` : us >= 1e3 ? `${us / 1e3} ms` : `${us} µs`);
const powers = (_, splits) =>
  splits.map((value) =>
    Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? written(Number(value.toPrecision(3))) : "",
  );

/** A chart with a row for each candidate and a dot for each workload, on a logarithmic scale. */
function dots(label, decisions, titles) {
  const names = [...new Set(Object.values(decisions).flatMap((rows) => rows.map(({ who }) => who)))];
  const series = Object.values(decisions).map((rows) =>
    names.map((name) => rows.find(({ who }) => who === name)?.us ?? null),
  );
  const options = () => ({
    scales: { x: { time: false, ori: 1, dir: -1, range: [-0.7, names.length - 0.3] }, y: { ori: 0, distr: 3 } },
    axes: [
      axis({
        side: 3,
        size: 300,
        splits: () => names.map((_, index) => index),
        values: () => names,
        grid: { stroke: color("line"), width: 1 },
      }),
      axis({ side: 2, values: powers }),
    ],
    series: [
      { label: "who", value: (_, index) => names[index] ?? "" },
      ...Object.keys(decisions).map((workload, index) => ({
        label: titles[workload],
        stroke: color(`c${index}`),
        paths: () => null,
        value: (_, us) => (us == null ? "–" : `${number(us)} µs`),
        points: { show: true, size: 9, fill: color(`c${index}`), stroke: color("paper"), width: 1 },
      })),
    ],
    cursor: { y: false },
  });
  return chart(label, 90 + names.length * 26, options, [names.map((_, index) => index), ...series]);
}

function decisions(section, { decisions: measured, versions }, titles) {
  const names = [...new Set(Object.values(measured).flatMap((rows) => rows.map(({ who }) => who)))];
  section.append(
    dots(
      "Microseconds of one decision, by who decides and what is asked; the table below has the same figures",
      measured,
      titles,
    ),
  );
  const rows = names.map((name) => {
    const of = Object.values(measured).map((rows) => rows.find(({ who }) => who === name));
    const note = NOTES[of.find(Boolean).answers];
    return {
      name,
      note,
      ours: name.startsWith("redeemable"),
      cells: of.map((row) => (row ? [`${number(row.us)} µs`, `× ${number(row.to_hand)}`] : ["–"])),
    };
  });
  section.append(
    table("The same as a table", ["µs, × by hand", ...Object.keys(measured).map((workload) => titles[workload])], rows),
  );
  section.append(
    element(
      "p",
      { className: "quiet" },
      "The other engines are asked the first three only: a verdict does not depend on the number of tickets, a host " +
        "finds one promotion of many in a map, and their rules do not have the conditions and prices of the rest. ",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      ".",
    ),
  );
}

function growth(section, { growth: measured }) {
  const grid = element("div", { className: "grid" });
  for (const { title, series } of Object.values(measured)) {
    const entries = Object.entries(series);
    const counts = entries[0][1].points.map(([count]) => count);
    const options = () => ({
      scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
      axes: [
        axis({
          values: (_, splits) =>
            splits.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? number(value) : "")),
        }),
        axis({ size: 70, values: powers }),
      ],
      series: [
        { label: "n", value: (_, count) => (count == null ? "–" : number(count)) },
        ...entries.map(([name, { exponent }], index) => ({
          label: `${name} (n to the ${exponent})`,
          stroke: color(`c${index}`),
          width: 2,
          points: { show: true, size: 6 },
          value: (_, us) => (us == null ? "–" : `${number(us)} µs`),
        })),
      ],
    });
    const rows = entries.map(([name, { points, exponent, tenfold, most }]) => ({
      name,
      cells: [
        ...points.map(([, us]) => [number(us)]),
        [`× ${number(tenfold)}`],
        [most === null ? "" : `× ${number(most)}`],
        [String(exponent), exponent > 1.3 ? "worse than n log n" : ""],
      ],
    }));
    grid.append(
      element(
        "div",
        {},
        element("h3", {}, title),
        chart(`Microseconds by the number of ${title}; the table below has the same figures`, 300, options, [
          counts,
          ...entries.map(([, { points }]) => points.map(([, us]) => us)),
        ]),
        table(title, ["microseconds", ...counts.map(number), "most to a tenth", "most to least", "exponent"], rows),
      ),
    );
  }
  section.append(grid);
}

const { js, python, growth: grown, start, server, titles, date } = DATA;
const of = (id) => document.getElementById(id);
of("machine").textContent =
  `${date} · ${js.cpu}, ${js.cpus} cores · Node ${js.node.slice(1)} · Python ${python.python} · ` +
  `${js.rounds} rounds in JavaScript, ${python.rounds} in Python`;
decisions(of("js"), js, titles);
decisions(of("python"), python, titles);
of("native").append(
  table(
    "Natively",
    ["", "deciding alone", "prepared", "from JSON text to JSON text"],
    Object.entries(grown.decisions).map(([name, { decide, prepared, text }]) => ({
      name: titles[name],
      cells: [[`${number(decide)} µs`], [`${number(prepared)} µs`], [`${number(text)} µs`]],
    })),
  ),
);
growth(of("growth"), grown);
const ms = (value) => [`${number(value)} ms`];
of("start").append(
  table(
    "Node",
    ["Node, in a new process", "import", "first answer"],
    Object.entries(start.node).map(([name, { import_ms, first_ms }]) => ({
      name,
      ours: name === "redeemable",
      cells: [ms(import_ms), ms(first_ms)],
    })),
  ),
  table(
    "Chromium",
    ["Chromium, fetched without a cache", "import and init()", "first answer"],
    Object.entries(start.chromium).map(([name, { load_ms, first_ms }]) => ({
      name,
      cells: [ms(load_ms), ms(first_ms)],
    })),
  ),
  table(
    "Python",
    ["Python, in a new process", ""],
    Object.entries(python.start_ms).map(([name, value]) => ({ name, cells: [ms(value)] })),
  ),
  table(
    "Weight",
    ["what has to be there", "bytes", "after gzip"],
    Object.entries(start.weights).map(([name, { bytes, gzip }]) => ({
      name,
      ours: name.startsWith("redeemable"),
      cells: [[bytes.toLocaleString("en")], [gzip.toLocaleString("en")]],
    })),
  ),
);
of("server").append(
  table(
    "Purchases",
    ["", "codes", "at once", "by hand a second", "kit a second", "ratio", "processor by hand", "processor, kit"],
    server.results.map((row) => ({
      name: row.database,
      cells: [
        [row.codes.toLocaleString("en")],
        [String(row.at_once)],
        [number(row.by_hand_per_second)],
        [number(row.kit_per_second)],
        [`${Math.round(row.ratio * 100)} %`],
        [`${row.by_hand_cpu_us} µs`],
        [`${row.kit_cpu_us} µs`],
      ],
    })),
  ),
);
const drawAll = () => {
  for (const draw of drawers) draw();
};
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("resize", drawAll);
