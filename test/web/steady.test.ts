import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dashboard, findChromium, startDashboard } from "./browser.ts";

const chromium = findChromium();

describe.skipIf(chromium === undefined)("the page, when the way to it is odd", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard(chromium ?? "");
  });
  beforeEach(() => dashboard.fixture.reset());
  afterAll(() => dashboard?.close());

  const writes = () => dashboard.fixture.state.writes;

  it("skips to the page, and stays on it", async () => {
    await using opened = await dashboard.open("queues");
    const { page } = opened;
    await page.getByRole("heading", { name: "critical" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
    expect(page.url()).toBe(`${dashboard.base}queues`);
  });

  it("a stream that says nothing is given up for asking again and again", async () => {
    await using opened = await dashboard.open("", {}, (page) => page.route("**/api/events*", () => {}));
    await opened.page.getByRole("button", { name: "Polling" }).waitFor();
  });

  it("an answer that comes late does not take the place of what was heard since", async () => {
    const underWay = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    let asked = 0;
    await using opened = await dashboard.open("queues", {}, async (page) => {
      await page.route("**/api/events*", (route) => route.abort());
      await page.route("**/api/snapshot", async (route) => {
        asked += 1;
        const isFirst = asked === 1;
        const response = await route.fetch();
        const snapshot = await response.json();
        if (isFirst) underWay.resolve();
        if (isFirst) await held.promise;
        await route.fulfill({ response, json: { ...snapshot, ready: isFirst ? 111 : 222 } });
      });
    });
    const { page } = opened;
    const finished = page.waitForEvent("requestfinished", (request) => request.url().endsWith("/snapshot"));
    await underWay.promise;
    // Halted, and let go on: another question is asked while the first one is still open.
    await page.keyboard.press("p");
    await page.keyboard.press("p");
    await finished;
    const count = page.getByRole("link", { name: /^Queues/ }).first();
    await count.getByText("222").waitFor();
    await page.keyboard.press("p");
    const late = page.waitForEvent("requestfinished", (request) => request.url().endsWith("/snapshot"));
    held.resolve();
    await late;
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    expect(await count.textContent()).toContain("222");
  });

  it("a browser that thinks it is offline asks all the same, and says what does not answer", async () => {
    await using opened = await dashboard.open("recurring");
    const { page } = opened;
    await page.getByText("nightly-report").first().waitFor();
    await page.getByRole("link", { name: "Queues" }).click();
    await page.getByRole("heading", { name: "critical" }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Recurring", exact: true }).click();
    await page.getByText("The process that serves this dashboard does not answer.").waitFor();
  });

  it("who is signed out meanwhile is told so, and how to go on", async () => {
    await using opened = await dashboard.open("queues");
    const { page } = opened;
    await page.getByRole("heading", { name: "critical" }).waitFor();
    await page.route("**/api/servers", (route) =>
      route.fulfill({ status: 302, headers: { location: "https://login.example.com/" } }),
    );
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByText("you are not signed in any more").waitFor();
    await page.getByRole("button", { name: "Reload the page" }).waitFor();
  });

  it("who may only look has no keys that change something", async () => {
    await using opened = await dashboard.open("jobs?state=Failed", {}, (page) =>
      page.route("**/api/meta", async (route) => {
        const response = await route.fetch();
        const meta = await response.json();
        await route.fulfill({ response, json: { ...meta, viewer: { name: "eve", permissions: ["view"] } } });
      }),
    );
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    for (const key of ["j", "r", "d", "?"]) await page.keyboard.press(key);
    const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await list.getByText("Select the row").waitFor();
    expect(await list.getByText(/^(Requeue|Delete)$/).count()).toBe(0);
    expect(writes()).toEqual([]);
  });

  it("keys go on working when a box was ticked with the mouse", async () => {
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    await page.getByRole("checkbox").nth(2).click();
    await page.keyboard.press("r");
    await page.getByText("1 job requeued.").waitFor();
  });

  it("no key reaches the page below a dialog, wherever the focus is", async () => {
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    for (const key of ["j", "d"]) await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor();
    await page.evaluate(() => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
    });
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(writes()).toEqual([]);
  });

  it("the palette runs nothing that was found for what was typed before", async () => {
    const jobs = [...dashboard.fixture.state.jobs.values()].filter(({ state }) => state === "Succeeded");
    const [first, other] = jobs.map(({ id }) => id);
    await using opened = await dashboard.open("queues");
    const { page } = opened;
    await page.getByRole("heading", { name: "critical" }).waitFor();
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox");
    await field.fill(first ?? "");
    await page.getByRole("option", { name: /Succeeded/ }).waitFor();
    await page.route("**/api/jobs/find*", () => {});
    await field.fill(other ?? "");
    await page.keyboard.press("Enter");
    await page.getByText("Looking for jobs").waitFor();
    expect(page.url()).toBe(`${dashboard.base}queues`);
  });

  it("groups of errors keep their places while they grow", async () => {
    await using opened = await dashboard.open("errors");
    const { page } = opened;
    const rows = page.getByRole("main").locator("li > button[aria-expanded]");
    await rows.nth(2).waitFor();
    const before = await rows.allTextContents();
    const { jobs } = dashboard.fixture.state;
    const smallest = [...jobs.values()].filter(({ state }) => state === "Failed");
    const model = smallest.find(({ error }) => error?.startsWith("CardDeclinedError"));
    if (model === undefined) throw new Error("The fixture has no declined card.");
    for (let at = 0; at < 200; at += 1) jobs.set(`grown-${at}`, { ...model, id: `grown-${at}` });
    const pill = page.getByRole("button", { name: "The order has changed: sort anew" });
    await pill.waitFor();
    const names = (texts: string[]) => texts.map((text) => text.slice(0, 12));
    expect(names(await rows.allTextContents())).toEqual(names(before));
    await pill.click();
    expect((await rows.first().textContent())?.slice(0, 12)).toBe("CardDeclined");
  });

  it("what is opened far down stays where it is", async () => {
    const { jobs } = dashboard.fixture.state;
    const model = [...jobs.values()].find(({ state }) => state === "Failed");
    const last = model?.history.at(-1);
    if (model === undefined || last === undefined) throw new Error("The fixture has no failed job.");
    for (let at = 0; at < 30; at += 1) {
      const error = last.error === null ? null : { ...last.error, fingerprint: `${at}`.padStart(16, "0") };
      jobs.set(`kind-${at}`, { ...model, id: `kind-${at}`, history: [...model.history, { ...last, error }] });
    }
    await using opened = await dashboard.open("errors");
    const { page } = opened;
    const rows = page.getByRole("main").locator("li > button[aria-expanded]");
    await rows.nth(30).scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    expect(before).toBeGreaterThan(100);
    await rows.nth(30).click();
    await page.getByText("Act on all").waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(before);
  });

  it("a field that searches follows when people go back", async () => {
    await using opened = await dashboard.open("recurring?search=nightly");
    const { page } = opened;
    const field = page.getByLabel("Search recurring jobs");
    await page.getByText("nightly-report").first().waitFor();
    await page.getByRole("link", { name: "Recurring", exact: true }).click();
    await page.getByText("weekday-digest").waitFor();
    expect(await field.inputValue()).toBe("");
    await page.goBack();
    await page.getByText("weekday-digest").waitFor({ state: "detached" });
    expect(await field.inputValue()).toBe("nightly");
  });

  it("an edit is of what was there when it was opened: what others changed meanwhile is not undone", async () => {
    await using opened = await dashboard.open("recurring/nightly-report?edit=1");
    const { page } = opened;
    await page.getByLabel("Priority").fill("7");
    const { recurring } = dashboard.fixture.state;
    const details = recurring.get("nightly-report");
    if (details === undefined) throw new Error("The fixture has no nightly report.");
    // A run has begun: its version is another, and nobody has edited it.
    recurring.set("nightly-report", { ...details, version: "18" });
    await page.waitForResponse((response) => response.url().endsWith("/recurring/nightly-report"));
    expect(await page.getByRole("button", { name: "Save" }).isEnabled()).toBe(true);
    recurring.set("nightly-report", { ...details, version: "19", cron: "0 5 * * *" });
    await page.getByText("It was changed by somebody else").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    expect(writes()).toEqual([]);
  });

  it("filters go on as they are typed, by arrows and by mouse, and Enter filters", async () => {
    await using opened = await dashboard.open("jobs?state=Enqueued");
    const { page } = opened;
    await page.getByRole("table").waitFor();
    const field = page.getByRole("combobox", { name: "Filter jobs" });
    await field.click();
    await field.pressSequentially("que");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await field.inputValue()).toBe("queue:");
    await page.getByRole("option", { name: /queue:imports/ }).click();
    expect(await field.inputValue()).toBe("queue:imports ");
    await field.pressSequentially("tag:te");
    await page.getByRole("option", { name: /tag:tenant-12/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("tag") === "te");
    expect(new URL(page.url()).searchParams.get("queue")).toBe("imports");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("menuitem", { name: "Queue" }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Filter jobs");
    expect(await field.inputValue()).toBe("queue:");
    await page.getByRole("option", { name: /queue:slow/ }).waitFor();
  });

  it("a time without an offset is that of the zone that is shown, and another's link means the same", async () => {
    await using opened = await dashboard.open("jobs?state=Failed", { timezoneId: "Asia/Tokyo" });
    const { page } = opened;
    await page.getByLabel("Filter jobs").fill("since:2026-11-28T09:00");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("since") === String(Date.UTC(2026, 10, 28)));
    await page.getByText("2026-11-28 09:00").waitFor();
  });

  it("the error of a run is beside that of the run before, and of all jobs like it", async () => {
    const job = [...dashboard.fixture.state.jobs.values()].find(
      ({ state, name }) => state === "Failed" && name === "mail.welcome",
    );
    await using opened = await dashboard.open(`jobs/${job?.id}`);
    const { page } = opened;
    await page.getByText("The same error as in run 2.").waitFor();
    await page.getByText("Not quite the error of run 1").click();
    await page.locator("del", { hasText: "5" }).waitFor();
    await page.locator("ins", { hasText: "10" }).first().waitFor();
    await page.getByRole("link", { name: /^Same error: \d+ failed jobs$/ }).click();
    await page.waitForURL(/errors\?open=9f31c5aa01b2c3d4/);
    await page.getByRole("button", { name: "Act on all" }).waitFor();
  });

  it("a job leads to where the application says, and is copied as the code that would call it", async () => {
    const job = [...dashboard.fixture.state.jobs.values()].find(({ name }) => name === "billing.charge");
    await using opened = await dashboard.open(`jobs/${job?.id}`, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { page } = opened;
    const log = page.getByRole("link", { name: "Log (opens in a new tab)" });
    expect(await log.getAttribute("href")).toMatch(/^https:\/\/logs\.example\.com\/\?job=\d+$/);
    await page.getByRole("button", { name: "Copy as code" }).click();
    await page.waitForFunction(() => document.getElementById("announcer")?.textContent === "Copied");
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toMatch(
      /^await client\.enqueue\(\(j\) => j\.billing\.charge\(\{ invoice: \d+, amount: 4990n, currency: "EUR" \}\), \{ queue: "critical"/,
    );
  });

  it("who asks for no motion sees none", async () => {
    await using opened = await dashboard.open("jobs?state=Failed&open=none");
    const { page } = opened;
    const drawer = page.getByRole("region", { name: "Job", exact: true });
    await drawer.getByText("There is no such job").waitFor();
    expect(await drawer.evaluate((element) => getComputedStyle(element).animationDuration)).toBe("0.001s");
  });
});
