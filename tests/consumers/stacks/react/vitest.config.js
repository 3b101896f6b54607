import { defineConfig } from "vitest/config";

// The same tests for React, and for Preact in its place.
const preact = {
  "react-dom/client": "preact/compat/client",
  "react/act": "preact/test-utils",
  "react-dom/server": "preact/compat/server",
  react: "preact/compat",
};
const isPreact = process.env.FRAMEWORK === "preact";
export default defineConfig({
  resolve: { alias: isPreact ? preact : { "react/act": "react" } },
  test: { environment: "jsdom", server: { deps: { inline: ["redeemable"] } } },
});
