// A host in a process of its own: it sells one code from a file until nothing is left, and prints how many it has sold.
import { redeem } from "redeemable/host";
import { LIBRARIES } from "./libraries.js";

const [library, file, name, hosts] = process.argv.slice(2);
const { connect, storeOver } = await LIBRARIES[library]();
const db = connect(file);
db.exec("PRAGMA busy_timeout = 10000");
const store = storeOver(db);
const promos = [{ code: "HALF", discount_percent: 50, max_uses: 200 }];
const insert = db.prepare("INSERT INTO tickets VALUES (?)");
const write = (_, redemptions) => {
  for (const { id } of redemptions) insert.run(id);
};

// Begin together, however long each runtime takes to start.
db.prepare("INSERT INTO hosts VALUES (?)").run(name);
while (db.prepare("SELECT count(*) AS n FROM hosts").get().n < Number(hosts))
  await new Promise((resume) => {
    setTimeout(resume, 1);
  });

let sold = 0;
for (let n = 0; n < 1000; n += 1) {
  const order = { id: `${name}-${n}`, event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 1 }] };
  order.hold_until_ms = Date.now() + 600_000;
  const { status } = await redeem(store, { codes: ["half"], promos, order }, { write, attempts: 50 });
  if (status === "rejected") break;
  sold += 1;
}
db.close();
console.log(sold);
