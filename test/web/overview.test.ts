import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dashboard, findChromium, startDashboard } from "./browser.ts";

const chromium = findChromium();
const HOUR_MS = 3_600_000;

describe.skipIf(chromium === undefined)("the overview", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard(chromium ?? "");
  });
  beforeEach(() => dashboard.fixture.reset());
  afterAll(() => dashboard?.close());

  it("a part of a chart is marked with the mouse, stands in the URL, and is left again", async () => {
    await using opened = await dashboard.open("?range=7d");
    const { page } = opened;
    const plot = await plotOf(page, "Throughput");
    await drag(page, plot, 0.25, 0.5);
    await page.getByRole("button", { name: "Whole range" }).waitFor();
    const url = new URL(page.url());
    const [from, to] = [Number(url.searchParams.get("from")), Number(url.searchParams.get("to"))];
    expect(url.searchParams.get("range")).toBe("7d");
    expect(from % HOUR_MS).toBe(0);
    // A quarter of a week, by whole hours.
    expect((to - from) / HOUR_MS).toBeGreaterThan(38);
    expect((to - from) / HOUR_MS).toBeLessThan(48);
    await page.reload();
    await page.getByRole("button", { name: "Whole range" }).click();
    await page.waitForURL((left) => left.search === "?range=7d");
    await page.goBack();
    await page.getByRole("button", { name: "Whole range" }).waitFor();
    expect(opened.problems).toEqual([]);
  });

  it("a bar leads to the jobs of its time, with the mouse and by keys", async () => {
    await using opened = await dashboard.open("?range=24h");
    const { page } = opened;
    const plot = await plotOf(page, "Failures");
    await plot.click({ position: { x: 60, y: 60 } });
    await page.waitForURL(/\/jobs\?state=Failed/);
    const asked = new URL(page.url()).searchParams;
    expect(Number(asked.get("before")) - Number(asked.get("since"))).toBe(HOUR_MS);
    await page.goBack();
    await page.getByText("As numbers").first().focus();
    await page.keyboard.press("Enter");
    const link = page.getByRole("region", { name: "Throughput as numbers" }).getByRole("link").first();
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/jobs\?state=Succeeded/);
    expect(new URL(page.url()).searchParams.get("since")).toMatch(/00000$/);
  });

  it("thirty days are days of the zone", async () => {
    await using opened = await dashboard.open("?range=30d", { timezoneId: "America/New_York" });
    const { page } = opened;
    await plotOf(page, "Throughput");
    await page.getByText("As numbers").first().click();
    const rows = page.getByRole("region", { name: "Throughput as numbers" }).getByRole("rowheader");
    expect(await rows.count()).toBeGreaterThan(28);
    for (const text of await rows.allTextContents()) expect(text).toMatch(/^\d{4}-\d{2}-\d{2} 00:00$/);
  });

  it("a line is dismissed in this browser, stays away, and is brought back", async () => {
    await using opened = await dashboard.open("");
    const { page } = opened;
    const line = page.getByRole("listitem").filter({ hasText: "The queue “slow” is paused" });
    await line.getByRole("button", { name: /^Dismiss/ }).click();
    await line.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-labelledby"))).toBe(
      "attention",
    );
    await page.reload();
    await page.getByText("1 line dismissed in this browser").waitFor();
    expect(await line.count()).toBe(0);
    await page.getByRole("button", { name: "Show again" }).click();
    await line.waitFor();
  });

  it("the same thing anew is shown again", async () => {
    await using opened = await dashboard.open("");
    const { page } = opened;
    const line = page.getByRole("listitem").filter({ hasText: "“worker-c” has not renewed" });
    await line.getByRole("button", { name: /^Dismiss/ }).click();
    await line.waitFor({ state: "detached" });
    await page.route("**/api/overview", async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      const attention = answer.attention.map((item: { kind: string; since: number }) =>
        item.kind === "server-silent" ? { ...item, since: item.since + 60_000 } : item,
      );
      await route.fulfill({ response, json: { ...answer, attention } });
    });
    await line.waitFor();
  });

  it("the tile that leads on shows where the focus is", async () => {
    await using opened = await dashboard.open("");
    const { page } = opened;
    const link = page.getByRole("link", { name: "Slots busy" });
    await page.keyboard.press("Tab");
    await link.focus();
    const outline = await link.evaluate((element) => getComputedStyle(element, "::after").outlineStyle);
    expect(outline).toBe("solid");
  });
});

/** The chart is loaded on demand; it is there when its canvas has a size. */
async function plotOf(page: Page, title: string): Promise<Locator> {
  const chart = page.getByRole("img", { name: new RegExp(`^${title}`) });
  const plot = chart.locator(".u-over");
  await plot.waitFor();
  return plot;
}

async function drag(page: Page, plot: Locator, from: number, to: number): Promise<void> {
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  if (box === null) throw new Error("The chart has no place on the page.");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 8 });
  await page.mouse.up();
}
