// The host's configuration of drizzle-kit, for the database that the test names.
import { defineConfig } from "drizzle-kit";

const { DIALECT: dialect, SCHEMA: schema, URL: url, OUT: out, FILTER: filter } = process.env;
export default defineConfig({
  dialect,
  schema,
  out,
  dbCredentials: { url },
  ...(filter ? { tablesFilter: [filter] } : {}),
});
