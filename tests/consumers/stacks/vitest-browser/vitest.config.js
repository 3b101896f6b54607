import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

const launchOptions = { executablePath: process.env.CHROMIUM, args: JSON.parse(process.env.CHROMIUM_ARGUMENTS) };
export default defineConfig({
  // The folder above has the packages.
  server: { fs: { allow: [".."] } },
  test: {
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions }),
      instances: [{ browser: "chromium" }],
    },
  },
});
