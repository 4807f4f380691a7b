import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dashboard, findChromium, type Opened, startDashboard } from "./browser.ts";

const chromium = findChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DEAD = "00000000-0000-7000-8000-00000000dead";
const HOSTILE = `jobs/${DEAD}`;

const ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Nothing else depends on the colours. */
const COLOUR_RULES = ["color-contrast"];

/** Each page, and a text that only it shows once its answer is there. */
const PAGES = [
  { name: "Overview", path: "", text: "Needs attention" },
  { name: "Overview of 7 days", path: "?range=7d", text: "by hour" },
  { name: "Overview of 30 days", path: "?range=30d", text: "by day" },
  { name: "Failed jobs", path: "jobs?state=Failed", text: "61 jobs" },
  {
    name: "Enqueued jobs with arguments",
    path: "jobs?state=Enqueued&queue=slow&columns=args",
    text: "search.reindex",
  },
  { name: "Processing jobs", path: "jobs?state=Processing", text: "Runs for" },
  { name: "A hostile job beside its list", path: `jobs?state=Failed&open=${DEAD}`, text: "1 of 50" },
  { name: "A hostile job", path: HOSTILE, text: "The beginning of 1,000,000 characters" },
  { name: "Errors", path: "errors?open=11aa22bb33cc44dd", text: "Act on all" },
  { name: "Recurring", path: "recurring", text: "At 02:30" },
  { name: "A recurring job", path: "recurring/nightly-report", text: "60 minutes forward" },
  { name: "Edit a recurring job", path: "recurring/nightly-report?edit=1", text: "Runs that would follow" },
  { name: "Queues", path: "queues", text: "the reports database is being moved" },
  { name: "Servers", path: "servers", text: "Its lease has run out" },
  { name: "Operations", path: "operations", text: "6,200 of 18,432" },
  { name: "Audit trail", path: "operations?tab=audit", text: "queue.pause" },
] as const;

describe.skipIf(chromium === undefined)("each page", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard(chromium ?? "");
  });
  afterAll(() => dashboard?.close());

  describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
    const viewer = keptOpen(() => dashboard.open("", { colorScheme }));

    it.each(PAGES)(
      "$name: is there, without violations of axe, errors, or requests to others",
      async ({ path, text }) => {
        const opened = await viewer.at(dashboard.base + path);
        const { page } = opened;
        await page.getByText(text).first().waitFor();
        expect(await violations(page, colorScheme === "light" ? ALL_RULES : COLOUR_RULES)).toEqual([]);
        expect(opened.problems).toEqual([]);
        expect(opened.strangers).toEqual([]);
      },
    );
  });

  // The last is a window of 1280 at twice the size.
  describe.each([360, 640])("on %i pixels", (width) => {
    const viewer = keptOpen(() => dashboard.open("", { viewport: { width, height: 740 } }));

    it.each(PAGES)("$name: fits", async ({ path, text }) => {
      const opened = await viewer.at(dashboard.base + path);
      await opened.page.getByText(text).first().waitFor({ state: "attached" });
      expect(await tooWide(opened.page)).toEqual([]);
    });
  });

  it("is without violations of axe while filters are suggested, and a chart is told in numbers", async () => {
    await using jobs = await dashboard.open("jobs");
    await jobs.page.getByRole("table").waitFor();
    await jobs.page.getByLabel("Filter jobs").fill("queue:");
    await jobs.page.getByRole("option").first().waitFor();
    await jobs.page.keyboard.press("ArrowDown");
    expect(await violations(jobs.page, ALL_RULES)).toEqual([]);
    await using overview = await dashboard.open("?range=24h");
    for (const name of ["Throughput", "Failures"]) {
      await overview.page.getByRole("img", { name: new RegExp(`^${name}`) }).waitFor();
    }
    for (const summary of await overview.page.getByText("As numbers").all()) await summary.click();
    expect(await violations(overview.page, ALL_RULES)).toEqual([]);
  });

  it("a job's text is never more than text", async () => {
    await using opened = await dashboard.open(HOSTILE);
    await opened.page.getByText("The beginning of").first().waitFor();
    expect(await opened.page.title()).not.toBe("owned");
    expect(await opened.page.locator("main img, main script, main b:text-is('bold')").count()).toBe(0);
    expect(await opened.page.evaluate(() => Reflect.has(Object.prototype, "polluted"))).toBe(false);
    expect(await opened.page.getByRole("heading", { level: 1 }).textContent()).toContain(
      "\\u202eevil\\u202c",
    );
  });
});

/** One window for the tests of a group: a new one has nothing in its cache, and is half of what such a test costs. */
function keptOpen(open: () => Promise<Opened>) {
  let opened: Opened | undefined;
  afterAll(() => opened?.[Symbol.asyncDispose]());
  return {
    async at(url: string): Promise<Opened> {
      opened ??= await open();
      await opened.page.goto("about:blank");
      opened.problems.length = 0;
      opened.strangers.length = 0;
      await opened.page.goto(url);
      return opened;
    },
  };
}

async function violations(page: Page, runOnly: readonly string[]): Promise<string[]> {
  // By the debugger, which no content security policy stops.
  await page.evaluate(axe);
  const results = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(runOnly)} })`);
  return results.violations.map(
    ({ id, nodes: [first, ...others] }) =>
      `${id}: ${first?.html.slice(0, 160)} and ${others.length} more. ${first?.failureSummary}`,
  );
}

/** What sticks out of the window to the right, when the page can be moved sideways at all. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > innerWidth + 1,
    );
    return wide.map(
      (element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`,
    );
  });
}
