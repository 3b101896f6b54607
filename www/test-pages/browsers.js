// The same functions to use a page in three browsers: Chromium with Playwright, Firefox and WebKit with WebDriver.
// A place on the page is a CSS selector, or an XPath, which begins with //.
import assert from "node:assert/strict";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { Builder, By, Key } from "selenium-webdriver";
import firefox from "selenium-webdriver/firefox.js";

const settings = JSON.parse(readFileSync(new URL("../../webdriver.json", import.meta.url), "utf8"));
const WAIT = 30_000;

/** The path of the first of these programs that is installed. Without any of them the test fails. */
export function program(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // It is not in this folder: look into the next one.
      }
    }
  }
  throw new Error(`${names.join(" or ")} not found on the PATH: run \`scripts/setup browsers\``);
}

const all = (place) => `[...document.querySelectorAll(${JSON.stringify(place)})]`;

/** The functions that both kinds of browser get, made from `evaluate(source)`, which returns JSON. */
const common = (self) => ({
  ...self,
  /** Waits until the expression is truthy, and returns its value. */
  async until(expression, what = expression) {
    for (const end = Date.now() + WAIT; ; ) {
      const value = await self.evaluate(expression);
      if (value) return value;
      if (Date.now() > end)
        assert.fail(`waited in vain for ${what}; the page says: ${await self.evaluate("document.body.innerText")}`);
      await pause(25);
    }
  },
  see(text) {
    return this.until(
      `document.querySelector("main").innerText.replace(/\\s+/g, " ").includes(${JSON.stringify(text)})`,
      `the text “${text}”`,
    );
  },
  find(place) {
    return this.until(`document.querySelector(${JSON.stringify(place)}) !== null`, place);
  },
  /** Unfolds the groups of the organiser's form. */
  unfold: () => self.evaluate(`void ${all("details.group")}.forEach((group) => { group.open = true; })`),
  texts: (place) => self.evaluate(`${all(place)}.map((node) => node.innerText.replace(/\\s+/g, " ").trim())`),
  values: (place, attribute) =>
    self.evaluate(`${all(place)}.map((node) => node.getAttribute(${JSON.stringify(attribute)}))`),
});

export const button = (text) => `//button[normalize-space()="${text}"]`;

/** A new window of Chromium; `raw` is Playwright's page. */
export async function openChromium(t, options = {}) {
  const browser = await chromium.launch({
    executablePath: program("chromium"),
    args: settings["goog:chromeOptions"].args,
  });
  t.after(() => browser.close());
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const raw = await context.newPage();
  raw.setDefaultTimeout(WAIT);
  const faults = [];
  raw.on("pageerror", (error) => faults.push(error.message));
  t.after(() => assert.deepEqual(faults, [], "errors on the page"));
  return common({
    raw,
    open: (url) => raw.goto(url),
    reload: () => raw.reload(),
    url: async () => raw.url(),
    evaluate: (source) => raw.evaluate(source),
    fill: (place, text) => raw.locator(place).fill(text),
    click: (place) => raw.locator(place).first().click(),
    choose: (place, value) => raw.locator(place).first().selectOption(value),
    press: (key) => raw.keyboard.press(key),
    resize: (width) => raw.setViewportSize({ width, height: 900 }),
  });
}

/** A new window of Firefox, with the driver that is on the PATH. */
export async function openFirefox(t, { colorScheme = "light" } = {}) {
  const options = new firefox.Options().setBinary(program("firefox-esr", "firefox"));
  options.addArguments(...settings["moz:firefoxOptions"].args);
  options.setPreference("intl.locale.requested", "en-GB");
  // 0 is dark.
  options.setPreference("layout.css.prefers-color-scheme.content-override", colorScheme === "dark" ? 0 : 1);
  const driver = await new Builder()
    .forBrowser("firefox")
    .setFirefoxOptions(options)
    .setFirefoxService(new firefox.ServiceBuilder(program("geckodriver")))
    .build();
  return driven(t, driver);
}

/** The functions of a browser that is driven through WebDriver. */
export async function driven(t, driver) {
  t.after(() => driver.quit());
  await driver.manage().window().setRect({ width: 1280, height: 900 });
  const by = (place) => (place.startsWith("//") ? By.xpath(place) : By.css(place));
  /** Finds an element and uses it. If the page replaces the element in between, it tries again. */
  async function on(place, act) {
    for (const end = Date.now() + WAIT; ; ) {
      try {
        const [element] = await driver.findElements(by(place));
        if (element && (await element.isDisplayed()) && (await element.isEnabled())) return await act(element);
      } catch (error) {
        if (error.name !== "StaleElementReferenceError" && error.name !== "ElementClickInterceptedError") throw error;
      }
      assert.ok(Date.now() < end, `waited in vain for ${place}`);
      await pause(25);
    }
  }
  const evaluate = (source) => driver.executeScript(`return (${source});`);
  return common({
    driver,
    open: (url) => driver.get(url),
    reload: () => driver.navigate().refresh(),
    url: () => driver.getCurrentUrl(),
    evaluate,
    fill: (place, text) =>
      on(place, async (element) => {
        await element.sendKeys(Key.CONTROL, "a");
        await element.sendKeys(text === "" ? Key.DELETE : text);
      }),
    click: (place) =>
      on(place, async (element) => {
        // A sticky panel may cover an element at the edge of the window, so scroll the element to the middle.
        await driver.executeScript("arguments[0].scrollIntoView({ block: 'center' })", element);
        await element.click();
      }),
    choose: (place, value) => on(place, (element) => element.findElement(By.css(`option[value="${value}"]`)).click()),
    resize: (width) => driver.manage().window().setRect({ width, height: 900 }),
    press: (key) =>
      driver
        .actions()
        .sendKeys(Key[key.toUpperCase()] ?? key)
        .perform(),
  });
}
