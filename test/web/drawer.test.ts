import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dashboard, findChromium, startDashboard } from "./browser.ts";

const chromium = findChromium();

describe.skipIf(chromium === undefined)("a job beside its list", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard(chromium ?? "");
  });
  beforeEach(() => dashboard.fixture.reset());
  afterAll(() => dashboard?.close());

  const writes = () => dashboard.fixture.state.writes;
  const ids = () =>
    [...dashboard.fixture.state.jobs.values()]
      .filter(({ state }) => state === "Failed")
      .sort((a, b) => b.stateAt - a.stateAt)
      .map(({ id }) => id);
  const openedIn = (url: string) => new URL(url).searchParams.get("open");

  it("opens at a click on its row, is stepped through by keys, and one step back closes it", async () => {
    const [, second = "", third = ""] = ids();
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    await page.locator(`tr:has([data-job="${second}"]) td`).nth(2).click();
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    await drawer.getByText(second, { exact: true }).waitFor();
    expect(openedIn(page.url())).toBe(second);
    await page.keyboard.press("]");
    await drawer.getByText(third, { exact: true }).waitFor();
    await drawer.getByText("3 of 50").waitFor();
    expect(openedIn(page.url())).toBe(third);
    await page.keyboard.press("[");
    await drawer.getByText(second, { exact: true }).waitFor();
    await page.goBack();
    await drawer.waitFor({ state: "detached" });
    expect(new URL(page.url()).searchParams.get("state")).toBe("Failed");
    expect(opened.problems).toEqual([]);
  });

  it("is opened, left and gone into by keys alone, with the focus in its place", async () => {
    const [, second = ""] = ids();
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    for (const key of ["j", "j", "o"]) await page.keyboard.press(key);
    await drawer.getByText(second, { exact: true }).waitFor();
    expect(await drawer.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-job"))).toBe(second);
    await page.keyboard.press("Enter");
    await drawer.getByText(second, { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/jobs/${second}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("]");
    await page.waitForURL(`**/jobs/${ids()[2]}`);
  });

  it("stands in the URL, and the list stays where it was", async () => {
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    await page.mouse.wheel(0, 1_200);
    await page.waitForFunction(() => scrollY > 1_190);
    const before = await page.evaluate(() => scrollY);
    const row = page.locator("tbody tr[data-index='30']");
    await row.getByRole("link").click();
    await page.getByRole("region", { name: "Job", exact: true }).getByText("31 of 50").waitFor();
    expect(Math.abs((await page.evaluate(() => scrollY)) - before)).toBeLessThan(60);
    await page.reload();
    await page.getByRole("region", { name: "Job", exact: true }).getByText("31 of 50").waitFor();
    await page.getByRole("button", { name: "Close (Esc)" }).click();
    expect(openedIn(page.url())).toBeNull();
  });

  it("loads the next page of the list when it comes to the end", async () => {
    const list = ids();
    await using opened = await dashboard.open(`jobs?state=Failed&open=${list[49]}`);
    const { page } = opened;
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    await drawer.getByText("50 of 61").waitFor();
    await page.keyboard.press("]");
    await drawer.getByText(list[50] ?? "", { exact: true }).waitFor();
  });

  it("a key means the job that is seen: no other is acted on, and once however long it is held", async () => {
    const [first = "", second = ""] = ids();
    await using opened = await dashboard.open(`jobs?state=Failed&open=${first}`);
    const { page } = opened;
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    await drawer.getByText(first, { exact: true }).waitFor();
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(`**/api/jobs/${second}`, async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press("]");
    await page.waitForURL((url) => openedIn(url.href) === second);
    // The job before is not there any longer, and this one not yet: `d` finds nothing to delete.
    await page.keyboard.press("d");
    expect(await page.getByRole("dialog").count()).toBe(0);
    answer();
    await drawer.getByText(second, { exact: true }).waitFor();
    await page.evaluate(() => {
      for (let at = 0; at < 8; at += 1) {
        const init = { key: "r", bubbles: true, cancelable: true, repeat: at > 0 };
        document.body.dispatchEvent(new KeyboardEvent("keydown", init));
      }
    });
    await page.getByText("Requeued: it runs as soon").waitFor();
    expect(writes().map(({ path }) => path)).toEqual([`POST jobs/${second}/requeue`]);
  });

  it("what is asked about one job is not answered for another", async () => {
    const [first = "", second = ""] = ids();
    await using opened = await dashboard.open(`jobs/${first}`);
    const { page } = opened;
    await page.goto(`${dashboard.base}jobs/${second}`);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").waitFor();
    await page.evaluate(
      (path) => history.pushState(null, "", path),
      `${new URL(dashboard.base).pathname}jobs/${first}`,
    );
    await page.goBack();
    await page.goForward();
    await page.getByText(first, { exact: true }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(writes()).toEqual([]);
  });

  it("brackets that are typed with a third level key are brackets", async () => {
    const [first = "", second = ""] = ids();
    await using opened = await dashboard.open(`jobs?state=Failed&open=${first}`);
    const { page } = opened;
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    await drawer.getByText(first, { exact: true }).waitFor();
    const type = (init: { readonly key: string; readonly ctrlKey?: boolean; readonly altKey?: boolean }) =>
      page.evaluate(
        (given) => document.body.dispatchEvent(new KeyboardEvent("keydown", { ...given, bubbles: true })),
        init,
      );
    await type({ key: "]", ctrlKey: true, altKey: true });
    await drawer.getByText(second, { exact: true }).waitFor();
    await type({ key: "[", altKey: true });
    await drawer.getByText(first, { exact: true }).waitFor();
    await type({ key: "r", ctrlKey: true });
    expect(writes()).toEqual([]);
  });

  it("what is selected is exported, a line of JSON each; what has moved on is neither exported nor acted on", async () => {
    const [first = "", second = "", third = ""] = ids();
    await using opened = await dashboard.open("jobs?state=Failed&columns=args", { acceptDownloads: true });
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    for (const key of ["j", "x", "j", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByText("3 jobs selected").waitFor();
    const job = dashboard.fixture.state.jobs.get(second);
    if (job === undefined) throw new Error("The fixture has no second failed job.");
    dashboard.fixture.state.jobs.set(second, { ...job, state: "Processing" });
    await page.getByText("2 jobs selected").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([first, third]);
    expect(JSON.parse(lines[1] ?? "")).toHaveProperty("arguments");
    await page.keyboard.press("r");
    await page.getByText("2 jobs requeued.").waitFor();
    expect(writes()[0]?.body).toEqual({ action: "requeue", ids: [first, third] });
  });

  it("from the selection it is a step to all that match", async () => {
    await using opened = await dashboard.open("jobs?state=Enqueued&queue=slow");
    const { page } = opened;
    await page.getByRole("checkbox", { name: "All shown" }).check();
    await page.getByRole("button", { name: "All that match…" }).click();
    await page.getByRole("dialog").getByText("match now").waitFor();
    expect(writes()[0]?.body).toMatchObject({ filter: { state: "Enqueued", queue: "slow" }, dryRun: true });
  });

  it("where there is no room beside the list, the job has the page", async () => {
    const [, second = ""] = ids();
    await using opened = await dashboard.open("jobs?state=Failed", { viewport: { width: 360, height: 740 } });
    await opened.page.locator(`[data-job="${second}"]`).click();
    await opened.page.waitForURL(`**/jobs/${second}`);
  });
});
