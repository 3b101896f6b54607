// Some libraries write every value of a statement as `?`, others as `$1`. The stores send what the database takes.

/** A statement of PostgreSQL with `?` in place of `$1`, and its values in the order of the question marks. */
export function marked(text, values) {
  const order = [];
  const marks = text.replaceAll("?", "\\?").replaceAll(/\$(\d+)/g, (_, number) => {
    order.push(values[number - 1]);
    return "?";
  });
  return [marks, order];
}

/** A statement of SQLite or MySQL with `$1`, `$2` and so on in place of each `?`. */
export function numbered(text) {
  let count = 0;
  return text.replaceAll("?", () => {
    count += 1;
    return `$${count}`;
  });
}
