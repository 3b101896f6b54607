// Prints the module `dist/sql.js` of the npm package: the tables and the statements of `sql/`, per database.
//   node tools/sql.mjs >pkg/js/dist/sql.js
// Python reads the same files when it starts, in redeemable/_statements.py.
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), "utf8");

/**
 * The statements by name. A statement is all that follows its `-- name:` line, without the comment lines; `{word}` in
 * it is the statement of that name above it.
 */
export function statements(script) {
  const [, ...parts] = script.split(/^-- name: (\w+).*\n/m);
  const found = {};
  for (let index = 0; index < parts.length; index += 2) {
    const text = parts[index + 1]
      .replaceAll(/^--.*\n/gm, "")
      .trim()
      .replace(/;$/, "");
    found[parts[index]] = text.replaceAll(/\{(\w+)\}/g, (_, name) => found[name]);
  }
  return found;
}

/** A statement as PostgreSQL takes it, with `$1` in place of `:word`, and the words in the order of their numbers. */
export function numbered(statement) {
  const names = [];
  const text = statement.replaceAll(/:(\w+)/g, (_, name) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

/** A statement as drivers of MySQL take it, with `?` in place of `:word`, and a word for each question mark. */
export function marked(statement) {
  const names = [];
  const text = statement.replaceAll(/:(\w+)/g, (_, name) => {
    names.push(name);
    return "?";
  });
  return { text, names };
}

/** A script's statements, for whoever takes one at a time. No string in these scripts contains a semicolon. */
export function split(script) {
  const code = script.replaceAll(/^ *--.*\n/gm, "");
  // The body of a function or a block stands between two equal marks, such as $$ or $migration$.
  return code.match(/(?:\$(\w*)\$[\s\S]*?\$\1\$|[^;$])+(?=;)/g).map((text) => text.trim());
}

if (process.argv[1] === import.meta.filename) {
  const rewritten = (database, rewrite) =>
    Object.fromEntries(
      Object.entries(statements(read(`${database}-statements`))).map(([name, text]) => [name, rewrite(text)]),
    );
  const modules = {
    sqlite: read("sqlite"),
    postgres: read("postgres"),
    mysql: read("mysql"),
    scripts: Object.fromEntries(["sqlite", "postgres", "mysql"].map((name) => [name, split(read(name))])),
    sqliteStatements: statements(read("sqlite-statements")),
    postgresStatements: rewritten("postgres", numbered),
    mysqlStatements: rewritten("mysql", marked),
  };
  for (const [name, value] of Object.entries(modules)) console.log(`export const ${name} = ${JSON.stringify(value)};`);
}
