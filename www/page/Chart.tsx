// A line chart, drawn by uPlot, and the same figures as a table for readers who cannot see the chart.
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Figures } from "./Figures";
import { number } from "./format";

/** `colour` is the name of one of the page's custom properties. */
export interface Series {
  name: string;
  colour: string;
  values: (number | null)[];
  dashed?: boolean;
}
interface Props {
  /** A sentence that says what the chart shows, for readers who cannot see it. */
  label: string;
  x: {
    name: string;
    values: number[];
    write: (value: number) => string;
    tick?: (value: number, span: number) => string;
  };
  y: string;
  /** Each value holds until the next one: the line has steps. */
  stepped?: boolean;
  series: Series[];
}

export function Chart(props: Props) {
  const { label, x, series } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [x.values, ...series.map(({ values }) => values)] as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const node = place.current!;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const fit = new ResizeObserver(() => plot.current?.setSize({ width: node.clientWidth, height: 260 }));
    let draw = () => {};
    // uPlot is loaded only when a chart is shown, so buyers never load it. If it cannot be loaded, there is the table.
    import("uplot").then(({ default: Plot }) => {
      draw = () => {
        plot.current?.destroy();
        plot.current = new Plot(
          { ...options(props, Plot), width: node.clientWidth, height: 260 },
          latest.current,
          node,
        );
      };
      if (!node.isConnected) return;
      draw();
      fit.observe(node);
      dark.addEventListener("change", draw);
    }, console.error);
    return () => {
      fit.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [x.name, series.map(({ name }) => name).join()]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure class="chart">
      <ul class="legend">
        {series.map(({ name, colour, dashed }) => (
          <li key={name}>
            <i class={dashed ? "dashed" : ""} style={{ borderColor: `var(--${colour})` }} />
            {name}
          </li>
        ))}
      </ul>
      <div ref={place} role="img" aria-label={label} />
      <figcaption class="hint">{label}</figcaption>
      <Figures
        summary="The same as a table"
        label="The chart's figures"
        of={x.name}
        names={series.map(({ name }) => name)}
        rows={rows(x.values.length).map((row) => ({
          name: x.write(x.values[row]!),
          cells: series.map(({ values }) => (values[row] == null ? "" : number(values[row]))),
        }))}
      />
    </figure>
  );
}

/** The indexes of at most 21 rows, evenly spread; the last row is always one of them. */
function rows(count: number): number[] {
  const step = Math.max(1, (count - 1) / 20);
  const list: number[] = [];
  for (let at = 0; at < count - 1; at += step) list.push(Math.round(at));
  return count > 0 ? [...list, count - 1] : [];
}

function options({ x, y, stepped, series }: Props, Plot: typeof uPlot): Omit<uPlot.Options, "width" | "height"> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour("quiet"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
    labelFont: "12px system-ui",
    labelSize: 20,
  };
  const tick = x.tick ?? x.write;
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: x.tick !== undefined }, y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [
      {
        ...axis,
        label: x.name,
        size: 28,
        space: 90,
        values: (_plot, splits) => splits.map((value) => tick(value, splits.at(-1)! - splits[0]!)),
      },
      {
        ...axis,
        label: y,
        size: 48,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000],
        values: (_plot, splits) => splits.map(number),
      },
    ],
    series: [
      {},
      ...series.map(({ name, colour: its, dashed }) => ({
        label: name,
        stroke: colour(its),
        width: dashed ? 1.5 : 2.5,
        points: { show: false },
        spanGaps: true,
        ...(dashed ? { dash: [6, 4] } : {}),
        ...(stepped && Plot.paths.stepped ? { paths: Plot.paths.stepped({ align: 1 }) } : {}),
      })),
    ],
  };
}
