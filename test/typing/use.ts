import { AsyncLocalStorage } from "node:async_hooks";
import * as fsp from "node:fs/promises";
import {
  BackgroundJob,
  BackgroundJobClient,
  BackgroundJobServer,
  Cron,
  configure,
  currentJob,
  defineJobs,
  type JobDetails,
  type JobFilter,
  type ParentError,
  RecurringJob,
  type RecurringJobDetails,
  RecurringJobManager,
} from "firelater";
import type { MemoryStorage } from "firelater/memory";
import type { SqliteStorage } from "firelater/sqlite";
import { runAsJob, TestJobs } from "firelater/testing";
import * as fx from "./fixtures.ts";
import { Child, Db, mail, NoCtor, over, PrivateCtor, Reports, tidy } from "./fixtures.ts";

declare const sqlite: SqliteStorage;
declare const memory: MemoryStorage;
class Mailer {
  #smtp: string;
  constructor(smtp: string) {
    this.#smtp = smtp;
  }
  async send(to: string, at: Date): Promise<{ id: string }> {
    void to;
    void at;
    return { id: this.#smtp };
  }
}
const audit = {
  log(text: string, mailId?: { id: string }): void {
    void text;
    void mailId;
  },
  both(a: { rows: number }, b: number): void {
    void a;
    void b;
  },
};
export const jobs = defineJobs(
  { mail, Reports, Child, NoCtor, PrivateCtor, tidy, over, console, fx, fsp, mailer: new Mailer("x"), audit },
  {
    "*": { retry: { retries: 10 } },
    mail: {
      "*": { queue: "mail" },
      welcome: {
        queue: "critical",
        displayName: "Welcome {0}",
        timeout: "30s",
        retry: { retries: 5, delays: ["1s", "10s", "1m"], exceptOn: [TypeError], onExhausted: "fail" },
        formerly: ["mail.hello"],
      },
    },
    Reports: { build: { queue: "slow" }, purge: { priority: 1 } },
    tidy: { timeout: { minutes: 5 } },
  },
);
export type Jobs = typeof jobs;
declare module "firelater" {
  interface Register {
    jobs: typeof jobs;
  }
}

await using client = new BackgroundJobClient({ storage: sqlite, jobs });
await using lazy = new BackgroundJobClient({ storage: sqlite, jobs: () => jobs });
await using typeOnly = new BackgroundJobClient<Jobs>({ storage: sqlite });
await using bare = new BackgroundJobClient();

const id = await client.enqueue((j) => j.mail.welcome("user@example.com"));
export const n: number = await client.result(id);
const text: string = id;
void text;
const built = await client.enqueue((j) => j.Reports.build(2026, { deep: true }), {
  queue: "slow",
  priority: 5,
});
export const rows: { rows: number } = await client.result(built);
await client.enqueue((j) => j.Reports.purge(2));
await client.enqueue((j) => j.Child.shared(1));
await client.enqueue((j) => j.Child.all());
await client.enqueue((j) => j.PrivateCtor.go());
await client.enqueue((j) => j.NoCtor.ping());
await client.enqueue((j) => j.tidy(3));
await client.enqueue((j) => j.console.log("Easy!"));
await client.delay((j) => j.console.log("Reliable!"), { days: 1 });
await client.enqueue((j) => j.fx.tidy(3));
await client.enqueue((j) => j.fsp.rm("out/x", { recursive: true }));
const sent = await client.enqueue((j) => j.mailer.send("x", new Date()));
await client.enqueue(({ mail: { welcome } }) => welcome("x"));
await client.enqueue((j) => (Math.random() > 0.5 ? j.mail.welcome("x") : j.tidy(2)));
await client.enqueueMany((j) => ["a", "b"].map((to) => j.mail.welcome(to)));
await client.enqueueMany(function* (j) {
  for (const to of ["a"]) {
    yield j.mail.welcome(to);
    yield j.tidy(1);
  }
});
await client.enqueueMany((j) => ["a", "b"].map((to) => [j.mail.welcome(to), { priority: 1 }]));
await using remote = new BackgroundJobClient<Jobs>({
  storage: memory,
  options: { mail: { welcome: { queue: "critical" } } },
});
await remote.enqueue((j) => j.mail.welcome("x"), { id: "01970000-0000-7000-8000-000000000000" });
await using _configured = new BackgroundJobServer();
await client.enqueueMany(async function* (j) {
  for await (const to of ["a"]) {
    yield j.mail.welcome(to);
    yield [j.tidy(1), { priority: 1 }];
  }
});
await client.schedule((j) => j.tidy(1), new Date());
await client.schedule((j) => j.tidy(1), { epochMilliseconds: 0 });
await client.enqueue((j, job) => j.audit.log(job.id));
const applied: boolean = await client.requeue(id);
void applied;
await client.continueWith(sent, (j, parent) => j.audit.log("sent", parent.result));
await client.continueWith([built, id], (j, [report, mailed]) => j.audit.both(report.result, mailed.result));
await client.enqueue((j, job) => j.mail.sig("x", { signal: job.signal }));
await lazy.enqueue((j) => j.mail.welcome("x"));
await typeOnly.enqueue((j) => j.mail.welcome("x"));
await bare.enqueue((j) => j.mail.welcome("x"));
await BackgroundJob.enqueue((j) => j.mail.welcome("x"));
await BackgroundJob.delay((j) => j.tidy(1), "5m");
configure({ storage: sqlite, jobs });

const recurring = new RecurringJobManager({ storage: sqlite, jobs });
export const addition: "added" | "updated" | "unchanged" = await recurring.addOrUpdate(
  "digest",
  (j, job) => j.mail.welcome("user@example.com", job.dueAt),
  "0 9 * * MON-FRI",
  { timeZone: "Europe/Paris", misfire: "relaxed" },
);
await recurring.addOrUpdate("tidy", (j) => j.tidy(3), Cron.everyMinutes(15), { queue: "slow", priority: -1 });
const begun: string | null = await recurring.trigger("digest");
void begun;
export const isThere: boolean[] = [
  await recurring.pause("digest"),
  await recurring.resume("digest"),
  await recurring.removeIfExists("digest"),
];
const all: RecurringJobDetails[] = await recurring.list({ after: "digest", limit: 10 });
const one: RecurringJobDetails | null = await recurring.get("digest");
export const nextRuns: (Date | null | undefined)[] = [...all.map(({ nextRun }) => nextRun), one?.nextRun];
const synced = await recurring.sync(
  {
    digest: {
      call: (j, job) => j.mail.welcome("x", job.dueAt),
      cron: Cron.weekly("MON", 9),
      misfire: "strict",
    },
    tidy: { call: (j) => j.tidy(3), cron: "@hourly", timeZone: "UTC" },
  },
  { set: "of the code" },
);
export const gone: readonly string[] = synced.removed;
await new RecurringJobManager<Jobs>({ storage: memory }).addOrUpdate("tidy", (j) => j.tidy(1), Cron.never());
await new RecurringJobManager({ storage: sqlite, jobs: () => jobs }).addOrUpdate(
  "x",
  (j) => j.tidy(1),
  "@daily",
);
await new RecurringJobManager().addOrUpdate("digest", (j) => j.mail.welcome("x"), Cron.daily(9));
await RecurringJob.addOrUpdate("digest", (j) => j.mail.welcome("x"), Cron.daily(9));
await RecurringJob.addOrUpdate("digest", (j, job) => j.mail.welcome(job.id, job.dueAt), Cron.monthly(1, 6));
await RecurringJob.sync({ digest: { call: (j) => j.tidy(1), cron: Cron.hourly(15) } });
await using server = new BackgroundJobServer({
  storage: sqlite,
  jobs,
  activate: (type) => Reflect.construct(type as never, [new Db()]) as object,
});
await server.started;
await using _simple = new BackgroundJobServer({ storage: memory, jobs: defineJobs({ console, NoCtor }) });
await using _threaded = new BackgroundJobServer({
  storage: sqlite,
  jobs: new URL("./jobs.ts", import.meta.url),
  threads: 4,
  resourceLimits: { maxOldGenerationSizeMb: 512 },
});
await using tested = new TestJobs({
  jobs,
  activate: () => new Reports(new Db()),
  now: "2026-03-01T09:00:00Z",
});
const built2: { rows: number } = await tested.perform((j) => j.Reports.build(2026));
const [to] = tested.assertEnqueued((j) => j.mail.welcome, { in: "1h", count: 2 }).arguments;
const address: string = to;
const byId: { rows: number } = await tested.perform(tested.assertEnqueued((j) => j.Reports.build).id);
const year: number | undefined = tested.enqueued((j) => j.Reports.build)[0]?.arguments[0];
const registered: TestJobs = tested;
const ran: number = (await runAsJob(async ({ attempt }) => attempt)).result;
void [built2, address, byId, year, registered, ran];
// @ts-expect-error classes with constructor parameters need `activate`
new TestJobs({ jobs });
// @ts-expect-error arguments of the wrong type
tested.assertEnqueued((j) => j.mail.welcome(3));
// @ts-expect-error no job
tested.enqueued((j) => j.mail.version);
// @ts-expect-error a bare number
await tested.advance(5_000);

// @ts-expect-error classes with constructor parameters need `activate`
new BackgroundJobServer({ storage: sqlite, jobs });
// @ts-expect-error the parent's result has another type
await client.continueWith(id, (j, parent) => j.audit.log("x", parent.result));
// @ts-expect-error reserved name
await client.enqueue((j) => j.mail.then(1));
// @ts-expect-error runs the real function now
await client.enqueue(() => mail.welcome("x"));
// @ts-expect-error async
await client.enqueue(async (j) => j.mail.welcome("x"));
// @ts-expect-error a call that is made and not returned
await client.enqueue((j) => {
  j.mail.welcome("x");
});
// @ts-expect-error object with methods
await client.enqueue((j) => j.mail.db(new Db()));
// @ts-expect-error unknown option name
defineJobs({ mail }, { mail: { welcom: {} } });

const tenants = new AsyncLocalStorage<string>();
const tenant: JobFilter = {
  name: "tenant",
  order: -1,
  onCreating: ({ job, setQueue, addTag }) => {
    job.parameters.set("tenant", tenants.getStore());
    setQueue("tenants");
    addTag("tenant");
  },
  aroundPerform: ({ job }, next) => tenants.run(String(job.parameters.get("tenant")), next),
};
class Audit implements JobFilter {
  async onCreating({ job, cancel }: Parameters<NonNullable<JobFilter["onCreating"]>>[0]): Promise<void> {
    if (job.arguments.length === 0) cancel("nothing to do");
  }
  onCreated({ existed, cancelled, error }: Parameters<NonNullable<JobFilter["onCreated"]>>[0]): void {
    console.log(existed, cancelled, error);
  }
}
const steering: JobFilter = {
  onPerforming: ({ attempt, signal, items, cancel }) => {
    items.set("from", performance.now());
    if (attempt > 3 && !signal.aborted) cancel();
  },
  onPerformed: async ({ result, error }) => console.log(result, error),
  onServerException: ({ error, handled, handle }) => {
    if (!handled && error instanceof TypeError) handle({ rows: 0 });
  },
  onStateElection({ from, candidate, traversed, elect }) {
    if (from === "Processing" && candidate.state === "Failed" && traversed.length === 0)
      elect({ state: "Scheduled", delay: { minutes: 5 }, queue: "slow", reason: "later" });
    else if (candidate.data.result === null) elect({ state: "Deleted" });
  },
  onStateApplied: ({ job, to }) => console.log(job.name, to.state, to.reason),
};
const filtered = defineJobs(
  { mail, tidy, rescue: (_: "Succeeded" | "Deleted", __: number | undefined, ___?: ParentError) => {} },
  {
    "*": { filters: [tenant, new Audit()] },
    mail: {
      "*": { concurrency: 2, tags: ["mail"], filters: [steering] },
      welcome: {
        queue: "tenant-{0}",
        concurrency: { key: "mail {0}", limit: 3, whenFull: "skip" },
        latencyTimeout: "1h",
        idempotentCompletion: true,
      },
    },
  },
);
await using filtering = new BackgroundJobClient({
  storage: memory,
  jobs: filtered,
  filters: [tenant],
  logger: console,
});
await using _filtered = new BackgroundJobServer({ storage: memory, jobs: filtered, filters: [steering] });
configure({ storage: memory, jobs: filtered, filters: [tenant] });
const mailed = await filtering.enqueue((j) => j.mail.welcome("x"), {
  tags: ["a"],
  parameters: { tenant: "acme" },
});
await filtering.continueWith(mailed, (j) => j.tidy(1), { on: "deleted", queue: "slow" });
await filtering.continueWith(mailed, (j, { state, result, error }) => j.rescue(state, result, error), {
  on: "ended",
});
await filtering.continueWith([mailed, mailed], (j, [a, b]) => j.rescue(a.state, b.result, b.error), {
  on: "ended",
});
await filtering.continueWith(mailed, (j, parent) => j.tidy(parent.result), { on: "succeeded" });
const details: JobDetails | null = await filtering.get(mailed);
export const shown: unknown[] = [details?.parameters.tenant, details?.tags[0], details?.limit?.key];
export const carried = (): unknown => currentJob().parameters.get("tenant");
