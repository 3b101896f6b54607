// Writes one HTML page with everything that `make bench` has measured: node benches/js/page.js
import { readFileSync, writeFileSync } from "node:fs";
import { TITLES } from "./workloads.js";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
function measured(name) {
  try {
    return JSON.parse(read(`../../target/bench/${name}.json`));
  } catch (cause) {
    throw new Error(`${name} was not measured yet: run \`make bench\``, { cause });
  }
}
const uplot = (file) => readFileSync(new URL(import.meta.resolve(`uplot/dist/${file}`)), "utf8");
const [js, python, growth, start, server] = ["js", "python", "growth", "start", "server"].map(measured);
const data = { js, python, growth, start, server, titles: TITLES, date: js.date };
const parts = {
  "/*uplot.css*/": uplot("uPlot.min.css"),
  "/*style.css*/": read("../page/style.css"),
  "/*uplot.js*/": uplot("uPlot.iife.min.js"),
  "/*data*/null": JSON.stringify(data).replaceAll("<", "\\u003c"),
  "/*page.js*/": read("../page/page.js"),
};
const html = Object.entries(parts).reduce(
  (page, [mark, part]) => page.replace(mark, () => part),
  read("../page/index.html"),
);
writeFileSync(new URL("../../target/bench/index.html", import.meta.url), html);
console.log("target/bench/index.html has it all");
