// What is sold. Each shop is an object of its own, with a database of its own, and sells one event or several.
export const EVENTS = {
  gala: {
    shop: "gala",
    currency: "EUR",
    prices: { regular: 4500, student: 2000 }, // in cents
    seats: 100,
    promos: [
      { code: "EARLY20", discount_percent: 20, max_uses: 20 },
      { code: "CREW", discount: { kind: "free" }, max_uses: 20, max_uses_per_identity: 1 },
    ],
  },
  // The code SEASON is counted for both evenings together, by its id. So one shop sells both.
  "spring-1": evening(),
  "spring-2": evening(),
};

function evening() {
  const season = { code: "SEASON", id: "season", discount_percent: 50, max_uses: 10 };
  return { shop: "spring", currency: "EUR", prices: { regular: 3000 }, seats: 200, promos: [season] };
}

// A code with an id, or in a pool, counts in one database. In two objects, its limit would hold in each of them.
const shops = new Map();
for (const { shop, promos } of Object.values(EVENTS)) {
  for (const { id, pools = [] } of promos) {
    for (const shared of [id, ...pools].filter(Boolean)) {
      if ((shops.get(shared) ?? shop) !== shop) throw new Error(`${shared} is counted in two shops`);
      shops.set(shared, shop);
    }
  }
}
