import { BackgroundJobClient, BackgroundJobServer, currentJob, defineJobs, type JobDetails } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { TestJobs } from "firelater/testing";
import { describe, expect, it } from "vitest";

class Reports {
  readonly #title: string;
  constructor(title: string) {
    this.#title = title;
  }
  async build(year: number): Promise<{ title: string; at: Date }> {
    currentJob().log("building", { year });
    currentJob().progress(100, "done");
    currentJob().parameters.set("year", year);
    return { title: `${this.#title} ${year}`, at: new Date(0) };
  }
}
const work = {
  fails(times: number): number {
    if (currentJob().attempt <= times) throw new RangeError("not yet");
    return currentJob().attempt;
  },
  odd: () => () => {},
  note: (_text: unknown, _state?: string) => {},
};
const jobs = defineJobs(
  { Reports, work },
  {
    work: {
      fails: { retry: { delays: ["0s"], retries: 2 } },
      note: { concurrency: { limit: 1, whenFull: "wait" } },
    },
  },
);
const activate = () => new Reports("Report");
type Client = BackgroundJobClient<typeof jobs>;

/** One job of every kind of course that needs no waiting. */
async function enqueueAll(client: Client): Promise<string[]> {
  const built = await client.enqueue((j) => j.Reports.build(2026), {
    tags: ["x"],
    parameters: { from: "here" },
  });
  const hopeless = await client.enqueue((j) => j.work.fails(9));
  return [
    built,
    hopeless,
    await client.enqueue((j) => j.work.fails(1)),
    await client.enqueue((j) => j.work.odd()),
    await client.continueWith(built, (j, { result }) => j.work.note(result)),
    await client.continueWith(hopeless, (j) => j.work.note("waits")),
    ...(await client.enqueueMany((j) => [j.work.note("a"), j.work.note("b"), j.work.note("c")])),
  ];
}

/** What a job looks like to people, without what no two servers have in common. */
function shape(job: JobDetails | null): unknown {
  const timeless = JSON.stringify(job, (key, value: unknown) => {
    return /^(id|at|createdAt|dueAt|duration|latency|server|incarnation|stack)$/.test(key) ? "…" : value;
  });
  return JSON.parse(timeless);
}

describe("jobs under test", () => {
  it("look in the end as those that a server has run", async () => {
    await using storage = new MemoryStorage();
    await using client = new BackgroundJobClient({ storage, jobs });
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const served = await enqueueAll(client);
    await using server = new BackgroundJobServer({ storage, jobs, activate, logger, signals: false });
    await server.started;
    const unfinished = async () => {
      const { Enqueued, Processing, Scheduled } = await storage.counts();
      return Enqueued + Processing + Scheduled;
    };
    await expect.poll(unfinished, { timeout: 15_000 }).toBe(0);

    await using app = new TestJobs({ jobs, activate, logger: false });
    const tested = await enqueueAll(app.client);
    expect(await app.drain()).toMatchObject({ failed: 1, retried: 3, succeeded: 7 });

    const look = async (of: Pick<Client, "get">, ids: string[]) =>
      Promise.all(ids.map(async (id) => shape(await of.get(id))));
    const seen = await look(app, tested);
    expect(seen).toEqual(await look(client, served));
    expect(seen).toMatchObject([
      { state: "Succeeded", logs: [{ text: "building" }] },
      { state: "Failed", attempt: 3 },
      { state: "Succeeded", attempt: 2 },
      { state: "Succeeded" },
      { state: "Succeeded" },
      { state: "Awaiting" },
      ...Array.from({ length: 3 }, () => ({ state: "Succeeded" })),
    ]);
    await expect(app.result(tested[3] ?? "")).rejects.toMatchObject({ code: "FL_RESULT_NOT_STORED" });
  });

  it("wait for a permit, and are skipped without one, where limits say so", async () => {
    const did: string[] = [];
    const limited = defineJobs(
      {
        async waits(name: string): Promise<void> {
          did.push(`${name} begins`);
          if (name === "first") await app.client.enqueue((j) => j.waits("second"));
          did.push(`${name} ends`);
        },
        async skips(): Promise<void> {
          await app.client.enqueue((j) => j.skips());
        },
      },
      {
        waits: { concurrency: { limit: 1 } },
        skips: { concurrency: { limit: 1, whenFull: "skip" } },
      },
    );
    await using app: TestJobs<typeof limited> = new TestJobs({ jobs: limited, inline: true });
    await app.client.enqueue((j) => j.waits("first"));
    expect(did).toEqual(["first begins", "first ends", "second begins", "second ends"]);
    await app.client.enqueue((j) => j.skips());
    const states = app.enqueued((j) => j.skips).map(async ({ id }) => (await app.get(id))?.state);
    expect(await Promise.all(states)).toEqual(["Succeeded", "Deleted"]);
  });
});
