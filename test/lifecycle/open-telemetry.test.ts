import { BroadcastChannel } from "node:worker_threads";
import { trace } from "@opentelemetry/api";
import { BackgroundJobClient, currentJob, defineJobs, type JobSet } from "firelater";
import { openTelemetry } from "firelater/opentelemetry";
import { describe, expect, onTestFinished, test } from "vitest";
import { TRACED, type TracedSpan, jobs as traced } from "./programs/traced-jobs.ts";
import { idOf, linksOf, RecordedTelemetry } from "./recorded-telemetry.ts";
import { STORAGES, Workbench } from "./workbench.ts";

const filters = [openTelemetry()];

const work = {
  ok: async (_n: number): Promise<void> => {
    await Promise.resolve();
    trace.getTracer("test").startSpan("query").end();
  },
  flaky: async (): Promise<void> => {
    if (currentJob().attempt < 3) throw new RangeError("not yet");
  },
  slow: (): Promise<void> => new Promise(() => {}),
  after: async (): Promise<void> => {},
};
const jobs = defineJobs(
  { work },
  { work: { flaky: { retry: { delays: ["0s"] } }, slow: { timeout: "20ms", retry: false } } },
);

function clientOf<J extends JobSet>(bench: Workbench, jobs: J): BackgroundJobClient<J> {
  return new BackgroundJobClient({ storage: bench.storage, jobs, filters });
}

describe.each(STORAGES)("jobs traced by OpenTelemetry, on %s", (_, open) => {
  test("a run is linked to its call, and its own spans stand inside", async () => {
    await using telemetry = new RecordedTelemetry();
    await using bench = await open();
    const id = await clientOf(bench, jobs).enqueue((j) => j.work.ok(1));
    await bench.serve(jobs, { filters });
    const [run] = await telemetry.reach("process work.ok");
    const call = telemetry.one("send work.ok");
    expect(run && linksOf(run)).toEqual([idOf(call)]);
    expect(run?.attributes).toMatchObject({
      "messaging.message.id": id,
      "messaging.firelater.job.attempt": 1,
    });
    expect(telemetry.one("query").parentSpanContext?.spanId).toBe(run?.spanContext().spanId);
    // Whatever was called with is nowhere.
    expect(JSON.stringify(telemetry.spans.map(({ attributes }) => attributes))).not.toContain("arguments");
    await bench.reaches(id, "Succeeded");
  });

  test("each attempt is a span, linked to the one call; after a requeue, too", async () => {
    await using telemetry = new RecordedTelemetry();
    await using bench = await open();
    const client = clientOf(bench, jobs);
    const id = await client.enqueue((j) => j.work.flaky());
    await bench.serve(jobs, { filters });
    await bench.reaches(id, "Succeeded");
    await client.requeue(id);
    const runs = await telemetry.reach("process work.flaky", 4);
    const attempts = runs.map(({ attributes }) => [
      attributes["messaging.firelater.job.attempt"],
      attributes["error.type"],
    ]);
    expect(attempts).toEqual([
      [1, "RangeError"],
      [2, "RangeError"],
      [3, undefined],
      [3, undefined],
    ]);
    const call = idOf(telemetry.one("send work.flaky"));
    expect(runs.map(linksOf)).toEqual(Array(4).fill([call]));
  });

  test("the runs of enqueueMany are linked each to its own call, and stored in one span", async () => {
    await using telemetry = new RecordedTelemetry();
    await using bench = await open();
    const ids = await clientOf(bench, jobs).enqueueMany((j) => [1, 2, 3].map((n) => j.work.ok(n)));
    await bench.serve(jobs, { filters });
    const runs = await telemetry.reach("process work.ok", 3);
    const calls = new Map(
      telemetry.of("create work.ok").map((span) => [span.attributes["messaging.message.id"], span]),
    );
    expect([...calls.keys()]).toEqual(ids);
    for (const run of runs) {
      const call = calls.get(run.attributes["messaging.message.id"]);
      expect(linksOf(run)).toEqual(call === undefined ? "there is no such call" : [idOf(call)]);
    }
    expect(telemetry.one("send work.ok").attributes["messaging.batch.message_count"]).toBe(3);
  });

  test("a continuation is linked to its own call", async () => {
    await using telemetry = new RecordedTelemetry();
    await using bench = await open();
    const client = clientOf(bench, jobs);
    const parent = await client.enqueue((j) => j.work.ok(1));
    await client.continueWith(parent, (j) => j.work.after());
    await bench.serve(jobs, { filters });
    const [run] = await telemetry.reach("process work.after");
    expect(run && linksOf(run)).toEqual([idOf(telemetry.one("send work.after"))]);
  });
});

test("a job that enqueues another goes on in its trace", async () => {
  await using telemetry = new RecordedTelemetry();
  await using bench = Workbench.inMemory();
  const own = defineJobs({
    first: async (): Promise<void> => void (await clientOf(bench, own).enqueue((j) => j.second())),
    second: async (): Promise<void> => {},
  });
  await clientOf(bench, own).enqueue((j) => j.first());
  await bench.serve(own, { filters });
  await telemetry.reach("process second");
  const [run, call] = [telemetry.one("process first"), telemetry.one("send second")];
  expect(call.parentSpanContext?.spanId).toBe(run.spanContext().spanId);
});

test("a run whose time is up ends then, as a failure", async () => {
  await using telemetry = new RecordedTelemetry();
  await using bench = Workbench.inMemory();
  await clientOf(bench, jobs).enqueue((j) => j.work.slow());
  await bench.serve(jobs, { filters });
  const [run] = await telemetry.reach("process work.slow");
  expect(run?.attributes["error.type"]).toBe("FL_JOB_TIMEOUT");
});

test("a job that nobody traced, such as one that trigger begins, begins a trace without a link", async () => {
  await using telemetry = new RecordedTelemetry();
  await using bench = Workbench.inMemory();
  const recurring = bench.recurring(jobs);
  await recurring.addOrUpdate("tick", (j) => j.work.ok(1), "0 0 1 1 *");
  await recurring.trigger("tick");
  await bench.serve(jobs, { filters });
  const [run] = await telemetry.reach("process work.ok");
  expect(run?.links).toEqual([]);
  expect(run?.parentSpanContext).toBeUndefined();
});

test("a job of a slot is linked to the send of the server that has fired it", async () => {
  await using telemetry = new RecordedTelemetry();
  await using bench = Workbench.inMemory();
  await bench.recurring(jobs).addOrUpdate("tick", (j) => j.work.ok(1), "* * * * * *");
  await bench.serve(jobs, { filters });
  const [run] = await telemetry.reach("process work.ok");
  const calls = telemetry.of("send work.ok").map(idOf);
  expect(run?.links).toHaveLength(1);
  expect(calls).toContainEqual(run && linksOf(run)[0]);
});

test("in threads, too: each has an SDK of its own", async () => {
  await using telemetry = new RecordedTelemetry();
  await using bench = Workbench.inMemory();
  const told: TracedSpan[] = [];
  const channel = new BroadcastChannel(TRACED);
  onTestFinished(() => channel.close());
  channel.onmessage = ({ data }: { readonly data: TracedSpan }) => void told.push(data);
  await clientOf(bench, traced).enqueue((j) => j.work(1));
  await bench.serve(new URL("./programs/traced-jobs.ts", import.meta.url), { threads: 1 });
  const runs = () => told.filter(({ name }) => name === "process work");
  await expect.poll(() => runs().map(({ attempt }) => attempt), { timeout: 15_000 }).toEqual([1, 2]);
  const { spanId } = telemetry.one("send work").spanContext();
  expect(runs().map(({ links }) => links)).toEqual([[spanId], [spanId]]);
  expect(told.filter(({ name }) => name === "query").map(({ parent }) => parent)).toEqual(
    runs().map((run) => run.spanId),
  );
  expect(telemetry.spans).toHaveLength(1);
});
