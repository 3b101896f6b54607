// The stampede's route: the naive host oversells, and the host with the kit stops exactly at the limit.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { audit, DATABASES, eventWith, openHost } from "./support.js";

for (const [name, workspace] of Object.entries(DATABASES))
  suite(`the stampede that one can watch, on ${name}`, () => {
    async function open(t) {
      const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
      const place = await workspace(t, event);
      const host = await openHost(place, event);
      const send = (payload) => host.app.inject({ method: "POST", url: "/api/stampede", payload });
      const {
        components: {
          schemas: { Progress },
        },
      } = (await host.app.inject("/api/openapi.json")).json();
      /** Runs a stampede and returns the last line. Checks that each line fits the document, and that numbers grow. */
      async function run(host, buyers, uses) {
        const answer = await send({ host, buyers, uses });
        assert.deepEqual([answer.statusCode, answer.headers["content-type"]], [200, "application/x-ndjson"]);
        const lines = answer.body
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
        let before = { at_ms: 0, sold: 0, refused: 0 };
        for (const [i, line] of lines.entries()) {
          assert.deepEqual(Object.keys(line).sort(), [...Progress.required].sort());
          assert.deepEqual([line.limit, line.done], [uses, i === lines.length - 1]);
          for (const field of Object.keys(before)) assert.ok(line[field] >= before[field], field);
          assert.equal(line.oversold, Math.max(0, line.sold - uses));
          before = { at_ms: line.at_ms, sold: line.sold, refused: line.refused };
        }
        const last = lines.at(-1);
        assert.equal(last.sold + last.refused, buyers);
        return last;
      }
      return Object.assign(host, { place, send, run });
    }

    test("a host that checks before it counts oversells", async (t) => {
      const host = await open(t);
      const { sold, oversold } = await host.run("naive", 120, 20);
      assert.ok(oversold > 0 && sold > 20, `${sold} sold of 20`);
    });

    test("the kit's host sells exactly as many as there are, in every run, and leaves the shop alone", async (t) => {
      const host = await open(t);
      await host.buy(1, 1, ["TEN"], 900);
      const before = await audit(host.place);
      for (const [buyers, uses, sold] of [
        [120, 20, 20],
        [10, 30, 10],
        [20, 0, 0],
        [1, 1, 1],
      ]) {
        assert.equal((await host.run("redeemable", buyers, uses)).sold, sold);
        // The run has deleted its orders, and the counter from which `sold` was read.
        assert.deepEqual(await audit(host.place), before);
      }
    });

    test("there is one at a time, and it has bounds", async (t) => {
      const host = await open(t);
      const both = await Promise.all([1, 2].map(() => host.send({ host: "redeemable", buyers: 5, uses: 2 })));
      assert.deepEqual(both.map(({ statusCode }) => statusCode).sort(), [200, 409]);
      assert.equal(both.find(({ statusCode }) => statusCode === 409).json().error.code, "stampede_running");
      assert.equal((await host.run("redeemable", 5, 2)).sold, 2, "after it, the next may run");
      const path = async (body) =>
        (await host.post("/api/stampede", { host: "naive", buyers: 5, uses: 2, ...body })).error.path;
      assert.equal(await path({ buyers: 1001 }), "buyers");
      assert.equal(await path({ uses: -1 }), "uses");
      assert.equal(await path({ host: "lucky" }), "host");
      assert.equal(await path({ speed: 1 }), "speed");
    });
  });
