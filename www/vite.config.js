// The page: TypeScript from page/, built into dist/, which the server serves.
import { defineConfig } from "vite";

export default defineConfig({
  root: new URL("./page", import.meta.url).pathname,
  // The shop lets a page load files from itself only, so nothing is inlined.
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // `npx vite`, started in this folder, shows the page as it is edited, while `make demo` serves the shop.
  server: { proxy: { "/api": `http://127.0.0.1:${process.env.PORT ?? 8080}` } },
});
