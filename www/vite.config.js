// Builds the page: TypeScript from page/ becomes dist/, which the server serves.
import { defineConfig } from "vite";

export default defineConfig({
  root: new URL("./page", import.meta.url).pathname,
  // The shop's content-security-policy allows only files from the shop itself, so nothing is inlined.
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // `npx vite` in this folder shows each edit of the page at once, while `make demo` serves the shop's routes.
  server: { proxy: { "/api": `http://127.0.0.1:${process.env.PORT ?? 8080}` } },
});
