import { createServer, type Server } from "node:http";
import {
  BackgroundJobClient,
  BackgroundJobServer,
  currentJob,
  defineJobs,
  RecurringJobManager,
} from "firelater";
import { createDashboard, toNodeHandler } from "firelater/dashboard";
import { MemoryStorage } from "firelater/memory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeServer, findChromium, listen, startViewer, type Viewer } from "./browser.ts";

const chromium = findChromium();
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const work = {
  fail(id: number): void {
    throw new RangeError(`There is no user ${id}`);
  },
  async watched(): Promise<void> {
    const { log, progress, signal } = currentJob();
    for (let step = 1; !signal.aborted; step += 1) {
      log(`step ${step}`);
      progress(Math.min(99, step));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  },
};
const jobs = defineJobs({ work }, { work: { fail: { retry: { retries: 0 } } } });

describe.skipIf(chromium === undefined)("the page before the real server", () => {
  const storage = new MemoryStorage();
  const dashboard = createDashboard({ storage, jobs, logger: silent });
  let server: BackgroundJobServer;
  let web: Server;
  let viewer: Viewer;
  const answered: string[] = [];
  beforeAll(async () => {
    const client = new BackgroundJobClient({ storage, jobs, logger: silent });
    await client.enqueueMany((j) => [1, 2, 3].map((id) => j.work.fail(id)));
    await client.enqueue((j) => j.work.watched());
    const recurring = new RecurringJobManager({ storage, jobs });
    await recurring.addOrUpdate("nightly", (j) => j.work.fail(4), "30 2 * * *", { timeZone: "Europe/Paris" });
    server = new BackgroundJobServer({
      storage,
      jobs,
      logger: silent,
      signals: false,
      shutdownTimeout: "1s",
    });
    await server.started;
    const handle = toNodeHandler(dashboard, { basePath: "/admin/jobs" });
    web = createServer((request, response) => {
      response.on("finish", () => answered.push(`${response.statusCode} ${request.url}`));
      void handle(request, response);
    });
    viewer = await startViewer(chromium ?? "", `http://localhost:${await listen(web)}/admin/jobs/`);
  });
  afterAll(async () => {
    await viewer?.close();
    await dashboard.close();
    if (web !== undefined) await closeServer(web);
    await server?.stop();
    await storage.close();
  });

  it("a cause of errors is requeued as a whole, by the server, and its jobs fail again", async () => {
    await using opened = await viewer.open("errors");
    const { page } = opened;
    await page.getByText("1 cause of 3 failed jobs").waitFor();
    await page.getByText("RangeError").first().click();
    await page.getByRole("button", { name: "Act on all" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Requeue 3 jobs" }).click();
    await page.getByText("Done").first().waitFor();
    await page.getByText("3 of 3").waitFor();
    expect(opened.problems).toEqual([]);
    expect(opened.strangers).toEqual([]);
  });

  it("what has not changed is asked for again, and not sent again", async () => {
    await using opened = await viewer.open("queues");
    await opened.page.getByRole("heading", { name: "Queues" }).waitFor();
    await expect.poll(() => answered, { timeout: 20_000 }).toContain("304 /admin/jobs/api/queues");
    expect(opened.problems).toEqual([]);
  });

  it("a job that runs is watched as it goes on, and cancelled", async () => {
    await using opened = await viewer.open("jobs?state=Processing");
    const { page } = opened;
    await page.getByRole("link", { name: "work.watched" }).click();
    const log = page.getByRole("log");
    await log
      .getByText(/^step \d+$/)
      .first()
      .waitFor();
    const seen = await log.getByText(/^step/).count();
    await log
      .getByText(/^step/)
      .nth(seen + 2)
      .waitFor();
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { level: 3, name: "Deleted" }).waitFor();
    expect(opened.problems).toEqual([]);
  });

  it("a recurring job is edited with the scheduler's own next runs, and the trail says so", async () => {
    await using opened = await viewer.open("recurring/nightly?edit=1");
    const { page } = opened;
    const field = page.getByLabel("When", { exact: true });
    await field.fill("0 4 * *");
    await page.getByText(/It has 4 fields/).waitFor();
    await field.fill("0 4 * * *");
    await page.getByRole("dialog").getByText("04:00:00").nth(9).waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("nightly is changed.").waitFor();
    await page.getByText("recurring.edit").waitFor();
    expect(opened.problems).toEqual([]);
  });
});
