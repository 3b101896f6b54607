import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  adapter: node({ mode: "standalone" }),
  output: "server",
  // The package is in the server's bundle, as code of the shop is.
  vite: { ssr: { noExternal: ["redeemable"] } },
});
