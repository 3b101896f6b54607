// @vitest-environment node
// A server renders the page before anything is asked.
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { usePromoPreview } from "redeemable/react";
import { expect, test } from "vitest";

globalThis.fetch = () => expect.unreachable();
const Page = (more) => {
  const options = { url: "/events/gala", codes: ["TEN"], lines: [{ ticket_type: "seat", quantity: 1 }], ...more };
  const { state, decision } = usePromoPreview(options);
  return createElement("p", null, `${state}, ${decision}`);
};

test("a server renders that the price is loading", () => {
  expect(renderToString(createElement(Page))).toBe("<p>loading, null</p>");
});

test("an option that is misspelt is an error", () => {
  const faultOf = (more) => {
    try {
      return renderToString(createElement(Page, more));
    } catch ({ path }) {
      return path;
    }
  };
  expect([{ code: "TEN" }, { codes: "TEN" }, { lines: null }].map(faultOf)).toEqual([
    "options.code",
    "options.codes",
    "options.lines",
  ]);
});
