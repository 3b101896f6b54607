// The figures of a chart as a table: for whoever does not see the chart, and to copy.
export function Figures({
  summary,
  label,
  of,
  names,
  rows,
}: {
  summary: string;
  label: string;
  /** What the rows are. */
  of: string;
  names: string[];
  rows: { name: string; cells: string[] }[];
}) {
  return (
    <details>
      <summary>{summary}</summary>
      <section class="scroll" tabIndex={0} aria-label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">{of}</th>
              {names.map((name) => (
                <th key={name} scope="col" class="money">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, cells }) => (
              <tr key={name}>
                <td>{name}</td>
                {cells.map((cell, i) => (
                  <td key={names[i]} class="money">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
