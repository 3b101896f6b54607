// The host is killed without warning, again and again, while people buy, pay and release. Its answers must stay true.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ask, audit, DATABASES, eventWith, orderFor, startHost, usesOf } from "./support.js";

const BUYERS = 6;
const LIMIT = 100_000;

for (const [name, workspace] of Object.entries(DATABASES))
  suite(`a kill on ${name}`, () => {
    const ROUNDS = name === "SQLite" ? 12 : 6;

    test(`a host killed ${ROUNDS} times while it sells loses nothing and counts nothing twice`, async (t) => {
      const place = await workspace(t, eventWith([{ code: "FIFTY", discount_percent: 20, max_uses: LIMIT }]));
      /** What buyers were told, by order id: their request, and the last state in an answer. */
      const told = new Map();
      /** Orders whose answers were lost when the host was killed; payments and releases, too. */
      const lost = [];
      const payments = [];
      const releases = [];
      let host;
      let running;
      let broken = 0;
      /** How many orders were stored although their buyers got no answer. */
      let unheard = 0;

      /** Sends a request. If no answer comes, it notes the order: the host may or may not have stored it. */
      async function tell(path, body, id) {
        const answer = await ask(`${host.url}${path}`, body);
        if (answer === null) {
          broken += 1;
          if (!told.has(id)) lost.push({ id, body });
          else told.get(id).unsure = true;
          return null;
        }
        assert.ok(answer.code === 200 || answer.code === 201, JSON.stringify(answer));
        return answer;
      }

      async function buyer(name) {
        for (let i = 0; running; i += 1) {
          const id = randomUUID();
          const body = orderFor(`${name}.${i}@example.org`, 1 + (i % 3), ["FIFTY"], 800 * (1 + (i % 3)), id);
          const bought = await tell("/api/events/gala/orders", body, id);
          if (bought === null) return;
          assert.equal(bought.status, "accepted");
          told.set(id, { body, state: "held", total: bought.order.total });
          if (i % 3 === 0) continue;
          const payment = await tell(`/api/orders/${id}/payments`, { max_total: bought.order.total }, id);
          if (payment === null) return;
          const paid = await tell("/api/payments", { id: payment.id }, id);
          if (paid === null) {
            payments.push({ payment: payment.id, total: bought.order.total });
            return;
          }
          assert.deepEqual([paid.status, paid.money], ["confirmed", "kept"]);
          told.get(id).state = "confirmed";
          if (i % 3 === 1) continue;
          const release = randomUUID();
          const released = await tell(`/api/orders/${id}/release`, { id: release }, id);
          if (!released) {
            releases.push({ id, release, total: bought.order.total });
            return;
          }
          told.get(id).state = released.order.state;
        }
      }

      for (let round = 0; round < ROUNDS; round += 1) {
        host = await startHost(place);
        running = true;
        const buyers = Array.from({ length: BUYERS }, (_, i) => buyer(`r${round}b${i}`));
        await pause(50 + Math.random() * 350);
        await host.kill("SIGKILL");
        running = false;
        await Promise.all(buyers);

        // Check the database as the kill left it, before another host changes it.
        await audit(place);
        host = await startHost(place);
        const { records } = await audit(place);
        const stored = new Map(records.map((record) => [record.id, record]));
        for (const [id, { state, unsure }] of told) {
          assert.ok(stored.has(id), `order ${id} was accepted and is gone`);
          if (!unsure) assert.equal(stored.get(id).state, state, `order ${id}`);
        }
        // Buyers without an answer ask again with the same id. The order is sold once, whether or not it was stored.
        for (const { id, body } of lost.splice(0)) {
          const before = stored.get(id);
          const answer = await ask(`${host.url}/api/events/gala/orders`, body);
          assert.equal(answer.status, "accepted");
          assert.equal(answer.replayed, before !== undefined);
          if (before) unheard += 1;
          told.set(id, { body, state: answer.order.state, total: answer.order.total });
        }
        // Payments and releases are reported again with the same ids. The answers about the money are the same.
        for (const { payment } of payments.splice(0)) {
          for (const statuses of [["confirmed", "already_confirmed"], ["already_confirmed"]]) {
            const answer = await ask(`${host.url}/api/payments`, { id: payment });
            assert.ok(statuses.includes(answer.status), JSON.stringify(answer));
            assert.equal(answer.money, "kept");
            assert.equal((await ask(`${host.url}/api/orders/${answer.order_id}`)).state, "confirmed");
            told.set(answer.order_id, { ...told.get(answer.order_id), state: "confirmed", unsure: false });
          }
        }
        for (const { id, release, total } of releases.splice(0)) {
          const answer = await ask(`${host.url}/api/orders/${id}/release`, { id: release });
          assert.deepEqual([answer.refundable, answer.order.state], [total, "released"]);
          told.set(id, { ...told.get(id), state: "released", unsure: false });
        }
        // Buyers who got an answer may ask again, too: nothing is counted twice.
        const { counters: before } = await audit(place);
        for (const { body, state } of [...told.values()].slice(-20)) {
          const answer = await ask(`${host.url}/api/events/gala/orders`, body);
          if (state === "held" || state === "confirmed")
            assert.equal(answer.replayed || answer.refusals.length > 0, true);
        }
        const { counters: after } = await audit(place);
        assert.equal(usesOf(after, "FIFTY"), usesOf(before, "FIFTY"));
        await host.kill("SIGKILL");
      }
      t.diagnostic(
        `${told.size} orders, ${broken} answers lost in ${ROUNDS} kills, ` +
          `${unheard} of them for orders that were stored`,
      );
      assert.ok(told.size > ROUNDS, "the host sold between the kills");
      assert.ok(broken > 0, "the kills interrupted somebody");
    });

    test("one of two hosts is killed while both sell; the other goes on within the limit", async (t) => {
      const place = await workspace(t, eventWith([{ code: "FIFTY", discount_percent: 20, max_uses: 50 }]));
      const [doomed, other] = await Promise.all([startHost(place), startHost(place)]);
      const buy = (host, i) =>
        ask(`${host.url}/api/events/gala/orders`, orderFor(`buyer${i}@example.org`, 1, ["FIFTY"], 800));
      const answers = Array.from({ length: 200 }, (_, i) => buy(i % 2 ? doomed : other, i));
      await pause(20 + Math.random() * 40);
      await doomed.kill("SIGKILL");
      const heard = (await Promise.all(answers)).filter((answer) => answer !== null);
      assert.deepEqual(
        heard.filter(({ code }) => code !== 200),
        [],
      );
      const accepted = heard.filter(({ status }) => status === "accepted");
      const { counters, records } = await audit(place);
      assert.equal(usesOf(counters, "FIFTY"), records.length);
      assert.ok(records.length <= 50);
      const ids = new Set(records.map(({ id }) => id));
      for (const { order } of accepted) assert.ok(ids.has(order.id));
    });

    test("an edit that was answered outlives the host", async (t) => {
      const promo = { code: "TEN", discount_percent: 10 };
      const place = await workspace(t, eventWith([promo]));
      for (let revision = 1; revision <= 4; revision += 1) {
        const { url, kill } = await startHost(place);
        const { codes } = await ask(`${url}/api/codes`);
        assert.deepEqual(
          codes.map((code) => [code.revision, code.promo.discount_percent]),
          [[revision, 9 + revision]],
        );
        const body = JSON.stringify({ promo: { ...promo, discount_percent: 10 + revision }, revision });
        const { status } = await fetch(`${url}/api/codes/1`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body,
        });
        await kill("SIGKILL");
        assert.equal(status, 200);
      }
    });
  });
