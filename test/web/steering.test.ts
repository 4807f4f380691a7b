import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dashboard, findChromium, startDashboard } from "./browser.ts";

const chromium = findChromium();

describe.skipIf(chromium === undefined)("what people do", () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard(chromium ?? "");
  });
  beforeEach(() => dashboard.fixture.reset());
  afterAll(() => dashboard?.close());

  const writes = () => dashboard.fixture.state.writes;
  const failedIds = () =>
    [...dashboard.fixture.state.jobs.values()]
      .filter(({ state }) => state === "Failed")
      .sort((a, b) => b.stateAt - a.stateAt)
      .map(({ id }) => id);

  it("a job is requeued, and its page says so by itself", async () => {
    const [, id = ""] = failedIds();
    await using opened = await dashboard.open(`jobs/${id}`);
    await press(opened.page, "Requeue");
    await opened.page.getByText("Requeued: it runs as soon as a slot is free.").waitFor();
    await opened.page.getByText("Enqueued from the dashboard").waitFor();
    expect(writes()).toEqual([{ path: `POST jobs/${id}/requeue`, body: {} }]);
    expect(opened.problems).toEqual([]);
  });

  it("a job is deleted only after a question", async () => {
    const [, id = ""] = failedIds();
    await using opened = await dashboard.open(`jobs/${id}`);
    await press(opened.page, "Delete…");
    expect(writes()).toEqual([]);
    await press(opened.page, "Delete");
    await opened.page.getByText("Deleted from the dashboard").waitFor();
    expect(writes()).toEqual([{ path: `POST jobs/${id}/delete`, body: {} }]);
  });

  it("a job is replayed with other arguments, and what is no JSON is not sent", async () => {
    const [, id = ""] = failedIds();
    await using opened = await dashboard.open(`jobs/${id}`);
    const { page } = opened;
    await press(page, "Replay…");
    const field = page.getByLabel("Arguments, as a JSON list");
    await field.fill('["other"');
    expect(await page.getByRole("button", { name: "Replay with these arguments" }).isDisabled()).toBe(true);
    await field.fill('["other", {"$date": "2026-01-31T09:00:00.000Z"}]');
    await press(page, "Replay with these arguments");
    await page.waitForURL("**/jobs/11111111-1111-7111-8111-111111111111");
    const sent = { arguments: ["other", { $date: "2026-01-31T09:00:00.000Z" }] };
    expect(writes()).toEqual([{ path: `POST jobs/${id}/replay`, body: sent }]);
  });

  it("a dashboard without the application's jobs says what its changes do not ask", async () => {
    const [, id = ""] = failedIds();
    await using opened = await dashboard.open(`jobs/${id}`, {}, (page) =>
      page.route("**/api/meta", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), knowsJobs: false } });
      }),
    );
    const { page } = opened;
    await page.getByText("what is done here asks none of their filters").waitFor();
    await press(page, "Replay…");
    await page.getByText("no schema checks these arguments").waitFor();
    expect(opened.problems).toEqual([]);
  });

  it("rows are moved through, selected and requeued by keys alone", async () => {
    const [first = "", second = ""] = failedIds();
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByText("2 jobs selected").waitFor();
    await page.keyboard.press("r");
    await page.getByText("2 jobs requeued.").waitFor();
    expect(writes()).toEqual([{ path: "POST jobs/bulk", body: { action: "requeue", ids: [first, second] } }]);
    await page.getByText("59 jobs").first().waitFor();
  });

  it("all that match are counted first, then given to the servers", async () => {
    await using opened = await dashboard.open("jobs?state=Failed&name=mail.welcome");
    const { page } = opened;
    await press(page, "Act on all that match");
    await page.getByText("match now").waitFor();
    const [counted] = writes();
    expect(counted?.body).toEqual({
      kind: "requeue",
      filter: { state: "Failed", name: "mail.welcome" },
      dryRun: true,
    });
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Requeue \d+ jobs$/ })
      .click();
    await page.waitForURL("**/operations");
    // Until then it is counted again whenever what matches may have changed.
    expect(writes().at(-1)?.body).toEqual({
      kind: "requeue",
      filter: { state: "Failed", name: "mail.welcome" },
    });
    await page.getByRole("button", { name: "Abort" }).first().click();
    await page.getByText("Aborting").waitFor();
  });

  it("all that match are moved to another queue, or put off, after a count", async () => {
    await using opened = await dashboard.open("jobs?state=Scheduled&name=mail.welcome");
    const { page } = opened;
    await press(page, "Act on all that match");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("match now").waitFor();
    await dialog.getByRole("button", { name: "Move", exact: true }).click();
    const move = dialog.getByRole("button", { name: /^Move \d+ jobs?$/ });
    expect(await move.isEnabled()).toBe(false);
    await dialog.getByLabel("To this queue").fill("slow");
    await move.click();
    await page.waitForURL("**/operations");
    const filter = { state: "Scheduled", name: "mail.welcome" };
    expect(writes().at(-1)?.body).toEqual({ kind: "move", filter, queue: "slow" });
    await page.getByRole("heading", { name: "Move to slow" }).waitFor();
    await page.goBack();
    await press(page, "Act on all that match");
    await dialog.getByText("match now").waitFor();
    await dialog.getByRole("button", { name: "Reschedule", exact: true }).click();
    await dialog.getByLabel("Run it in").selectOption("1 hour");
    await dialog.getByRole("button", { name: /^Reschedule \d+ jobs?$/ }).click();
    await page.waitForURL("**/operations");
    expect(writes().at(-1)?.body).toEqual({ kind: "reschedule", filter, in: 3_600_000 });
    await page.getByRole("heading", { name: "Reschedule to run in 1 h" }).waitFor();
  });

  it("what waits in a queue already is not offered to be requeued", async () => {
    await using opened = await dashboard.open("jobs?state=Enqueued&queue=default");
    const { page } = opened;
    await press(page, "Act on all that match");
    const options = page.getByRole("group", { name: "What to do" }).getByRole("button");
    await options.first().waitFor();
    expect(await options.allTextContents()).toEqual(["Move", "Reschedule", "Delete"]);
  });

  it("filters stand in the URL, and the URL is enough to have them again", async () => {
    await using opened = await dashboard.open("jobs?state=Enqueued");
    const { page } = opened;
    await page.getByRole("table").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type('queue:slow tag:eu "batch"');
    await page.keyboard.press("Enter");
    await page.waitForURL(
      (url) => url.searchParams.get("queue") === "slow" && url.searchParams.get("args") === "batch",
    );
    await page.reload();
    await page.getByRole("button", { name: "Remove the filter tag" }).click();
    await page.waitForURL(
      (url) => !url.searchParams.has("tag") && url.searchParams.get("state") === "Enqueued",
    );
    await page.goBack();
    await page.getByRole("button", { name: "Remove the filter tag" }).waitFor();
  });

  it("a filter that nobody knows is refused in words", async () => {
    await using opened = await dashboard.open("jobs");
    await opened.page.getByLabel("Filter jobs").fill("colour:red");
    await opened.page.keyboard.press("Enter");
    await opened.page.getByText("There is no filter “colour”.").waitFor();
  });

  it("all jobs stand in one list, each with its state, and offer nothing for all of them at once", async () => {
    await using opened = await dashboard.open("jobs?state=All");
    const { page, problems } = opened;
    await page.getByRole("heading", { name: "All jobs" }).waitFor();
    const table = page.getByRole("table");
    for (const state of ["Processing", "Succeeded"])
      await table.getByText(state, { exact: true }).first().waitFor();
    expect(await page.getByRole("button", { name: "Act on all that match" }).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("a job leads to the jobs that continue it", async () => {
    const running = [...dashboard.fixture.state.jobs.values()].find(({ state }) => state === "Processing");
    await using opened = await dashboard.open(`jobs/${running?.id}`);
    const { page, problems } = opened;
    await page.getByRole("heading", { name: "Continued by" }).waitFor();
    await page.locator("section", { hasText: "Continued by" }).getByRole("link").first().click();
    await page.getByText("Awaiting").first().waitFor();
    expect(problems).toEqual([]);
  });

  it("new rows wait in a pill, and nothing moves", async () => {
    await using opened = await dashboard.open("jobs?state=Failed");
    const { page } = opened;
    const top = page.getByRole("row").nth(1);
    await page.getByText("61 jobs").waitFor();
    const before = await top.textContent();
    const { jobs } = dashboard.fixture.state;
    const model = [...jobs.values()].find(({ state }) => state === "Failed");
    if (model === undefined) throw new Error("The fixture has no failed job.");
    jobs.set("new", {
      ...model,
      id: "22222222-2222-7222-8222-222222222222",
      stateAt: Date.now(),
      displayName: "The newest",
    });
    const pill = page.getByRole("button", { name: "1 new" });
    await pill.waitFor();
    expect(cutTimes(await top.textContent())).toBe(cutTimes(before));
    await pill.click();
    await page.getByRole("row").nth(1).getByText("The newest").waitFor();
  });

  it("keys lead to pages, ? lists them, and fields keep their letters", async () => {
    await using opened = await dashboard.open("");
    const { page } = opened;
    await page.getByText("Needs attention").waitFor();
    for (const [key, heading] of [
      ["e", "Errors"],
      ["q", "Queues"],
      ["j", "Enqueued jobs"],
    ]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key ?? "");
      await page.getByRole("heading", { level: 1, name: heading ?? "" }).waitFor();
    }
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Select the row").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByLabel("Filter jobs").pressSequentially("ge?");
    expect(await page.getByLabel("Filter jobs").inputValue()).toBe("ge?");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("the palette finds pages, actions, and jobs by the beginning of their id", async () => {
    const [, id = ""] = failedIds();
    await using opened = await dashboard.open("");
    const { page } = opened;
    await page.getByText("Needs attention").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("dark");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(id.slice(0, 8));
    await page.getByRole("option", { name: /Failed/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/jobs/${id}`);
  });

  it("a queue is paused with a reason, and goes on", async () => {
    await using opened = await dashboard.open("queues");
    const { page } = opened;
    const card = page.getByRole("listitem").filter({ hasText: "default" }).first();
    await card.getByRole("button", { name: "Pause" }).click();
    await page.getByLabel("Why, for others to read").fill("moving house");
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await card.getByText("moving house").waitFor();
    await card.getByRole("button", { name: "Resume" }).click();
    await card.getByText("Paused").waitFor({ state: "detached" });
    expect(writes().map(({ path }) => path)).toEqual([
      "POST queues/default/pause",
      "POST queues/default/resume",
    ]);
  });

  it("a server is quieted, and stopped after a question", async () => {
    await using opened = await dashboard.open("servers");
    const { page } = opened;
    const card = page.getByRole("listitem").filter({ hasText: "worker-a" }).first();
    await card.getByRole("button", { name: "Quiet" }).click();
    await card.getByText("asked to be quiet").waitFor();
    await card.getByRole("button", { name: "Stop…" }).click();
    await press(page, "Stop it");
    await card.getByText("asked to stop").waitFor();
    expect(writes().map(({ path }) => path)).toEqual([
      "POST servers/worker-a:377:02/quiet",
      "POST servers/worker-a:377:02/stop",
    ]);
  });

  it("a recurring job is edited with its next runs before the eyes, paused and triggered", async () => {
    await using opened = await dashboard.open("recurring/nightly-report?edit=1");
    const { page } = opened;
    const field = page.getByLabel("When", { exact: true });
    await field.fill("not a cron");
    await page.getByText("Five or six fields are needed").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await field.fill("0 4 * * *");
    await page.getByText("At 04:00").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("nightly-report is changed.").waitFor();
    expect(writes()[0]?.body).toEqual({ version: "17", cron: "0 4 * * *" });
    await page.getByRole("button", { name: "Actions for nightly-report" }).click();
    await page.getByRole("menuitem", { name: "Pause" }).click();
    await page.getByText("nightly-report is paused.").waitFor();
  });

  it("times follow the zone that is chosen, and it is kept", async () => {
    await using opened = await dashboard.open("operations?tab=audit");
    const { page } = opened;
    const time = page.getByRole("time").first();
    expect(await time.getAttribute("title")).toMatch(/CET$|CEST$|GMT\+[12]$/);
    await page.getByRole("button", { name: /Time zone/ }).click();
    await page.getByRole("menuitem", { name: "UTC" }).click();
    await page.reload();
    expect(await time.getAttribute("title")).toMatch(/UTC$/);
  });

  it("without a stream the page asks again and again, and p halts that", async () => {
    await using opened = await dashboard.open("", {}, (page) =>
      page.route("**/api/events*", (route) => route.abort()),
    );
    const { page } = opened;
    await page.getByRole("button", { name: "Polling" }).waitFor();
    await page.keyboard.press("p");
    const badge = page.getByRole("button", { name: /^Paused/ });
    await badge.waitFor();
    await badge.click();
    await page.getByRole("button", { name: "Polling" }).waitFor();
  });

  it("who may only look finds nothing to press", async () => {
    await using opened = await dashboard.open("jobs?state=Failed", {}, (page) =>
      page.route("**/api/meta", async (route) => {
        const response = await route.fetch();
        const meta = await response.json();
        const viewer = { name: "eve", permissions: ["view"] };
        await route.fulfill({ response, json: { ...meta, viewer } });
      }),
    );
    const { page } = opened;
    await page.getByText("61 jobs").waitFor();
    for (const key of ["j", "x"]) await page.keyboard.press(key);
    await page.getByText("1 job selected").waitFor();
    expect(
      await page.getByRole("button", { name: /Requeue|Delete|Reschedule|Act on all|Arguments/ }).count(),
    ).toBe(0);
    await page.goto(`${dashboard.base}queues`);
    await page.getByRole("heading", { name: "critical" }).waitFor();
    expect(await page.getByRole("button", { name: /Pause$|Resume$/ }).count()).toBe(0);
  });

  it("who may not even look is told what to do", async () => {
    const told = { code: "FL_FORBIDDEN", message: "You may not look.", mend: "Set authorize." };
    await using opened = await dashboard.open("", {}, (page) =>
      page.route("**/api/meta", (route) => route.fulfill({ status: 403, json: told })),
    );
    await opened.page.getByRole("alert").getByText("Set authorize.").waitFor();
  });

  it("without an answer the page says what is wrong, and finds its way back", async () => {
    await using opened = await dashboard.open("queues");
    const { page } = opened;
    await page.getByText("moved", { exact: false }).first().waitFor();
    await page.route("**/api/**", (route) => route.abort());
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByText("The process that serves this dashboard does not answer.").waitFor();
    await page.unroute("**/api/**");
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByText("worker-b").first().waitFor();
  });
});

function press(page: Page, name: string): Promise<void> {
  return page.getByRole("button", { name, exact: true }).last().click();
}

/** Ages run on; everything else in a row stands still. */
function cutTimes(text: string | null): string {
  return (text ?? "").replace(/\d+ [smhd] ago|now/g, "");
}
