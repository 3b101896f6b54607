// A chart of stacked columns, drawn as SVG in the page's own colours, and the same figures as a table for readers who
// cannot see the chart.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Figures } from "../Figures";

export interface Column {
  /** In full, such as “1 Dec 2026”, and as short as under the column. */
  name: string;
  tick: string;
  /** The values of the series. */
  parts: number[];
}
interface Props {
  /** A sentence that says what the chart shows, for readers who cannot see it. */
  label: string;
  /** What a column is, such as “Day”. */
  of: string;
  /** `colour` is the name of one of the page's custom properties. */
  series: { name: string; colour: string; hatched?: boolean }[];
  columns: Column[];
  write: (value: number) => string;
}

const [HEIGHT, TOP, BOTTOM] = [230, 12, 26];

export function Columns({ label, of, series, columns, write }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [at, setAt] = useState<number | null>(null);
  const hatch = useId();
  useEffect(() => {
    const node = place.current!;
    const fit = new ResizeObserver(() => setWidth(node.clientWidth));
    fit.observe(node);
    return () => fit.disconnect();
  }, []);

  const sums = columns.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const lines = scale(Math.max(...sums));
  const left = 10 + 7 * Math.max(...lines.map((line) => write(line).length));
  const slot = Math.max(0, width - left) / columns.length;
  const thick = Math.max(2, Math.min(44, slot * 0.72));
  const most = lines.at(-1)!;
  const high = (value: number) => ((HEIGHT - TOP - BOTTOM) * value) / most;
  const y = (value: number) => HEIGHT - BOTTOM - high(value);
  // Under so many columns there is one text, so that the texts do not touch.
  const step = Math.max(1, Math.ceil((12 + 7 * Math.max(...columns.map(({ tick }) => tick.length))) / slot));
  const shown = at === null ? undefined : columns[at];
  return (
    <figure class="columns">
      <ul class="legend">
        {series.map(({ name, colour, hatched }) => (
          <li key={name}>
            <i class={`square ${hatched ? "hatched" : ""}`} style={{ color: `var(--${colour})` }} />
            {name}
          </li>
        ))}
      </ul>
      <div ref={place} style={{ height: `${HEIGHT}px` }}>
        {width > 0 && (
          <svg
            role="img"
            aria-label={label}
            width={width}
            height={HEIGHT}
            onPointerMove={({ offsetX }) => {
              const index = Math.floor((offsetX - left) / slot);
              setAt(index >= 0 && index < columns.length ? index : null);
            }}
            onPointerLeave={() => setAt(null)}
          >
            <defs>
              {series.map(({ colour }, i) => (
                <pattern
                  key={colour}
                  id={`${hatch}-${i}`}
                  width="6"
                  height="6"
                  patternUnits="userSpaceOnUse"
                  patternTransform="rotate(45)"
                >
                  <rect width="6" height="6" fill={`var(--${colour})`} opacity="0.35" />
                  <rect width="3" height="6" fill={`var(--${colour})`} />
                </pattern>
              ))}
            </defs>
            {lines.map((line) => (
              <g key={line}>
                <line class="grid" x1={left} x2={width} y1={y(line)} y2={y(line)} />
                <text x={left - 8} y={y(line) + 4} text-anchor="end">
                  {write(line)}
                </text>
              </g>
            ))}
            {columns.map(({ name, tick, parts }, index) => (
              <g key={name} class={at !== null && at !== index ? "dim" : ""}>
                {stacked(parts).map(([from, to], i) => (
                  <rect
                    key={series[i]!.name}
                    x={left + slot * index + (slot - thick) / 2}
                    y={y(to)}
                    width={thick}
                    height={Math.max(0, high(to - from) - (from > 0 ? 1 : 0))}
                    rx={Math.min(3, thick / 4)}
                    fill={series[i]!.hatched ? `url(#${hatch}-${i})` : `var(--${series[i]!.colour})`}
                  />
                ))}
                {index % step === Math.floor((columns.length - 1) % step) && (
                  <text
                    x={Math.min(left + slot * (index + 0.5), width - 3.5 * tick.length)}
                    y={HEIGHT - 6}
                    text-anchor="middle"
                  >
                    {tick}
                  </text>
                )}
              </g>
            ))}
          </svg>
        )}
      </div>
      <figcaption class="hint">
        {shown
          ? `${shown.name}: ${series.map(({ name }, i) => `${name} ${write(shown.parts[i]!)}`).join(", ")}`
          : label}
      </figcaption>
      <Figures
        summary="The columns as a table"
        label="The columns' figures"
        of={of}
        names={series.map(({ name }) => name)}
        rows={columns.map(({ name, parts }) => ({ name, cells: parts.map((part) => write(part)) }))}
      />
    </figure>
  );
}

/** Where each part of a column begins and ends. */
function stacked(parts: number[]): [from: number, to: number][] {
  let sum = 0;
  return parts.map((part) => {
    const from = sum;
    sum += part;
    return [from, sum];
  });
}

/** Three to six round values from 0 on; the last is at least the largest value. */
function scale(largest: number): number[] {
  const rough = Math.max(1, largest) / 4;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => Math.max(1, Math.round(times * ten))).find((each) => each >= rough) ?? 1;
  return Array.from({ length: Math.max(1, Math.ceil(largest / step)) + 1 }, (_, i) => i * step);
}
