// A stand-in for the HTTP service of Neon, which cannot be had here: it takes the requests of @neondatabase/serverless,
// runs them on a PostgreSQL server, and answers in the service's form.
import { createServer } from "node:http";
import pg from "pg";

const LEVELS = { ReadCommitted: "READ COMMITTED", RepeatableRead: "REPEATABLE READ", Serializable: "SERIALIZABLE" };

/** `config` is that of pg's pool. The answer is the service's address, and how to end it. */
export async function neonService(config) {
  const pool = new pg.Pool(config);
  // The service answers the texts that PostgreSQL sends, as lists.
  const types = { getTypeParser: () => (text) => text };
  const answer = async (client, { query, params }) => {
    const { command, rowCount, rows, fields } = await client.query({
      text: query,
      values: params,
      rowMode: "array",
      types,
    });
    return { command, rowCount, rows, fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })) };
  };
  async function run(body, headers) {
    const client = await pool.connect();
    try {
      if (!body.queries) return await answer(client, body);
      const level = LEVELS[headers["neon-batch-isolation-level"]];
      const access = headers["neon-batch-read-only"] === "true" ? "READ ONLY" : "READ WRITE";
      await client.query(`BEGIN ISOLATION LEVEL ${level} ${access}`);
      try {
        const results = [];
        for (const query of body.queries) results.push(await answer(client, query));
        await client.query("COMMIT");
        return { results };
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      }
    } finally {
      client.release();
    }
  }
  const server = createServer(async (request, response) => {
    const text = (await request.setEncoding("utf8").toArray()).join("");
    const [status, body] = await run(JSON.parse(text), request.headers).then(
      (results) => [200, results],
      ({ message, code, severity }) => [400, { message, code, severity }],
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/sql`,
    async close() {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}
