import {
  BackgroundJob,
  BackgroundJobClient,
  BackgroundJobServer,
  configure,
  defineJobs,
  type JobFilter,
} from "firelater";
import { expect, test } from "vitest";
import { FAST, Workbench } from "./workbench.ts";

/** A filter that writes its name down when a job is stored and when it runs. */
function told(log: string[], name: string): JobFilter {
  return {
    name,
    onCreating: () => void log.push(`${name} creating`),
    onPerforming: () => void log.push(`${name} performing`),
  };
}

const mail = { send: () => {}, log: () => {} };
const tidy = () => {};

function scoped(log: string[]) {
  return defineJobs(
    { mail, tidy },
    {
      "*": { filters: [told(log, "all")] },
      mail: { "*": { filters: [told(log, "group")] }, send: { filters: [told(log, "job")], queue: "mail" } },
    },
  );
}

test("filters come together from general to special; a job has those that stand above it", async () => {
  await using bench = Workbench.inMemory();
  const log: string[] = [];
  const jobs = scoped(log);
  const client = bench.filtering(jobs, told(log, "client"));
  await bench.serve(jobs, { queues: ["mail", "default"], filters: [told(log, "server")] });
  const course = async (store: () => ReturnType<typeof client.enqueue>) => {
    log.length = 0;
    await client.result(await store(), { timeout: "10s" });
    return log;
  };
  expect(await course(() => client.enqueue((j) => j.mail.send()))).toEqual([
    "client creating",
    "all creating",
    "group creating",
    "job creating",
    "server performing",
    "all performing",
    "group performing",
    "job performing",
  ]);
  expect(await course(() => client.enqueue((j) => j.tidy()))).toEqual([
    "client creating",
    "all creating",
    "server performing",
    "all performing",
  ]);
});

test("configure gives its filters to whoever takes what is configured", async () => {
  await using bench = Workbench.inMemory();
  const log: string[] = [];
  const jobs = defineJobs({ tidy });
  configure({ storage: bench.storage, jobs, filters: [told(log, "configured")] });
  await using server = new BackgroundJobServer({ ...FAST, jobs, logger: bench.logger });
  await server.started;
  await using client = new BackgroundJobClient<typeof jobs>();
  await client.result(await client.enqueue((j) => j.tidy()), { timeout: "10s" });
  expect(log).toEqual(["configured creating", "configured performing"]);

  log.length = 0;
  // Typed by Register, which no test declares.
  const call = Reflect.get(BackgroundJob, "enqueue");
  await client.result(await Reflect.apply(call, BackgroundJob, [(j: { tidy(): unknown }) => j.tidy()]), {
    timeout: "10s",
  });
  expect(log).toEqual(["configured creating", "configured performing"]);

  log.length = 0;
  const own = { storage: bench.storage, jobs };
  await using apart = new BackgroundJobClient({ ...own, filters: [told(log, "own")] });
  await apart.enqueue((j) => j.tidy());
  expect(log[0]).toBe("own creating");
  await using without = new BackgroundJobClient(own);
  await without.enqueue((j) => j.tidy());
  expect(log.filter((line) => line.endsWith("creating"))).toEqual(["own creating"]);
});

test("a producer that knows only the types gives filters with its options, by name", async () => {
  await using bench = Workbench.inMemory();
  const log: string[] = [];
  await using client = new BackgroundJobClient<ReturnType<typeof scoped>>({
    storage: bench.storage,
    filters: [told(log, "client")],
    options: {
      "*": { filters: [told(log, "all")] },
      mail: { send: { filters: [told(log, "job")], tags: ["mail"], concurrency: 2 } },
    },
  });
  const id = await client.enqueue((j) => j.mail.send());
  expect(log).toEqual(["client creating", "all creating", "job creating"]);
  expect(await client.get(id)).toMatchObject({ tags: ["mail"], limit: { key: "mail.send", max: 2 } });
  log.length = 0;
  await client.enqueue((j) => j.mail.log());
  expect(log).toEqual(["client creating", "all creating"]);
});

const bad: unknown[] = [
  "audit",
  [() => {}],
  [{ name: "idle" }],
  [{ onPreforming() {} }],
  [{ onPerforming: "yes" }],
  [{ onPerforming() {}, order: "first" }],
];
test.each(bad)("filters that are none are refused wherever they are given (%#)", async (filters) => {
  await using bench = Workbench.inMemory();
  const { storage } = bench;
  const jobs = defineJobs({ tidy });
  const coded = expect.objectContaining({ code: "FL_INVALID_OPTIONS" });
  const options = { storage, jobs, filters };
  expect(() => Reflect.construct(BackgroundJobClient, [options])).toThrow(coded);
  expect(() => Reflect.construct(BackgroundJobServer, [{ ...options, ...FAST }])).toThrow(coded);
  expect(() => Reflect.apply(configure, undefined, [options])).toThrow(coded);
  for (const place of [
    { "*": { filters } },
    { mail: { "*": { filters } } },
    { mail: { send: { filters } } },
  ]) {
    expect(() => Reflect.apply(defineJobs, undefined, [{ mail }, place])).toThrow(coded);
  }
});
