// Starts WebKit, the third browser engine: Debian's WebKitWebDriver and MiniBrowser, on a virtual screen.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { Builder, Capabilities } from "selenium-webdriver";
import { driven, program } from "../../www/test-pages/browsers.js";

/** The path of MiniBrowser, which Debian keeps in the library folder of the machine's architecture. */
function miniBrowser() {
  for (const folder of readdirSync("/usr/lib")) {
    const file = join("/usr/lib", folder, "webkit2gtk-4.1/MiniBrowser");
    if (existsSync(file)) return file;
  }
  throw new Error("MiniBrowser not found below /usr/lib: run `scripts/setup browsers`");
}

/** Starts a program in a process group of its own, so that the test can end it with every process that it starts. */
function start(t, [file, ...args], options) {
  const child = spawn(file, args, { detached: true, stdio: "ignore", ...options });
  t.after(() => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The program has ended by itself.
    }
  });
  return child;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function openWebKit(test, { colorScheme = "light" } = {}) {
  // Ends the session first, then its driver, then the screen.
  const ends = [];
  test.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const t = { after: (end) => ends.push(end) };
  const binary = miniBrowser();
  const driverProgram = program("WebKitWebDriver");
  // Xvfb takes the first free screen and prints its number.
  const screen = start(t, [program("Xvfb"), "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = await Promise.race([
    createInterface({ input: screen.stdio[3] })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [value]),
    new Promise((_resolve, reject) =>
      screen.once("exit", () => reject(new Error("Xvfb ended before it had a screen"))),
    ),
  ]);
  const port = await freePort();
  start(t, [program("dbus-run-session"), "--", driverProgram, `--port=${port}`], {
    env: {
      ...process.env,
      DISPLAY: `:${display}`,
      LANG: "C.UTF-8",
      // The page's colours follow those of the desktop.
      GTK_THEME: colorScheme === "dark" ? "Adwaita:dark" : "Adwaita",
      // The browser opens only this machine's pages, so it needs no sandbox; the machine may have no graphics card.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
    },
  });
  const url = `http://127.0.0.1:${port}`;
  for (
    let tries = 0;
    !(await fetch(`${url}/status`).then(
      ({ ok }) => ok,
      () => false,
    ));
    tries += 1
  ) {
    if (tries === 300) throw new Error("WebKitWebDriver does not answer");
    await pause(100);
  }
  const wanted = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary, args: ["--automation"] },
  });
  return driven(t, await new Builder().usingServer(url).withCapabilities(wanted).build());
}
