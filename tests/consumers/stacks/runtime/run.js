import { shop } from "./shop.js";

console.log(JSON.stringify(await shop()));
