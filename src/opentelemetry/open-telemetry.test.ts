import {
  type Context,
  context,
  type DiagLogger,
  diag,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { idOf, linksOf, RecordedTelemetry } from "../../test/lifecycle/recorded-telemetry.ts";
import { createFiltered } from "../filters/create-filtered.ts";
import { filterChain } from "../filters/filter-chain.ts";
import { performFiltered } from "../filters/perform-filtered.ts";
import type { CreatingBatch, FilteredJob, JobFilter } from "../job/job-filter.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import { JobTimeoutError } from "../server/perform/interruption.ts";
import type { InsertOutcome, NewJob } from "../storage/index.ts";
import { newJob } from "../testing/contract/builders.ts";
import { openTelemetry } from "./open-telemetry.ts";

let telemetry: RecordedTelemetry;

beforeEach(() => {
  telemetry = new RecordedTelemetry();
});
afterEach(() => telemetry[Symbol.asyncDispose]());

const BASE = { "messaging.system": "firelater", "messaging.destination.name": "default" };
const JOB = { ...BASE, "messaging.firelater.job.name": "mail.welcome" };
const SEND = { "messaging.operation.name": "send", "messaging.operation.type": "send" };
const CREATE = { "messaging.operation.name": "create", "messaging.operation.type": "create" };
const PROCESS = { "messaging.operation.name": "process", "messaging.operation.type": "process" };

type Store = (job: NewJob) => Promise<InsertOutcome>;
const inserted: Store = async () => ({ outcome: "inserted" });

/** Stores a job inside the filters; what was stored. */
async function create(
  filters: readonly JobFilter[],
  over: Partial<NewJob> = {},
  store = inserted,
  batch?: CreatingBatch,
): Promise<NewJob> {
  const job = newJob(over);
  let stored = job;
  const keep: Store = (changed) => {
    stored = changed;
    return store(changed);
  };
  const chain = filterChain([filters]);
  if (chain === undefined) throw new Error("there are no filters");
  await createFiltered(chain, job, {
    store: keep,
    lateError: (_, error) => expect.unreachable(String(error)),
    batch,
  });
  return stored;
}

/** The same for jobs of one write. */
async function createMany(filters: readonly JobFilter[], jobs: readonly Partial<NewJob>[], store = inserted) {
  const batch = { size: jobs.length, items: new Map<unknown, unknown>() };
  let missing = jobs.length;
  const all = Promise.withResolvers<void>();
  const together: Store = async (job) => {
    if (--missing === 0) all.resolve();
    await all.promise;
    return store(job);
  };
  return Promise.all(jobs.map((job) => create(filters, job, together, batch)));
}

function perform(
  filters: readonly JobFilter[],
  job: NewJob,
  run: () => unknown,
  { attempt = 1, signal = new AbortController().signal } = {},
): Promise<unknown> {
  const chain = filterChain([filters]);
  if (chain === undefined) throw new Error("there are no filters");
  const view: FilteredJob = {
    ...{ id: job.id, name: job.name, displayName: null, queue: job.queue, priority: 0 },
    ...{ arguments: [], tags: [], parameters: new ParameterBag(job.parameters ?? null) },
  };
  const context = { job: view, attempt, signal, items: new Map() };
  return performFiltered(chain, { context, run, isAsked: () => signal.aborted, lateError: () => {} });
}

describe("a call", () => {
  it("is a span of a producer, a child of what called, and its context is kept with the job", async () => {
    const job = await trace.getTracer("test").startActiveSpan("request", async (request) => {
      const stored = await create([openTelemetry()]);
      request.end();
      return stored;
    });
    const span = telemetry.one("send mail.welcome");
    expect(span.kind).toBe(SpanKind.PRODUCER);
    expect(span.attributes).toEqual({ ...JOB, ...SEND, "messaging.message.id": job.id });
    expect(span.parentSpanContext?.spanId).toBe(telemetry.one("request").spanContext().spanId);
    const { traceId, spanId } = idOf(span);
    const parameters = JSON.parse(job.parameters ?? "null");
    expect(parameters).toEqual({ TraceContext: { traceparent: `00-${traceId}-${spanId}-01` } });
    expect(await telemetry.points("messaging.client.sent.messages")).toEqual([
      { attributes: { ...JOB, ...SEND }, count: 1 },
    ]);
    expect(await telemetry.points("messaging.client.operation.duration")).toEqual([
      { attributes: { ...JOB, ...SEND }, count: 1 },
    ]);
  });

  it("says where other filters have moved the job, and that it was there before", async () => {
    const mover: JobFilter = { onCreating: (creating) => creating.setQueue("moved") };
    await create([mover, openTelemetry()], {}, async () => ({ outcome: "exists" }));
    expect(telemetry.one("send mail.welcome").attributes).toMatchObject({
      "messaging.destination.name": "moved",
      "messaging.firelater.job.existed": true,
    });
  });

  it("that fails has its error, and one that a filter cancels is not counted as sent", async () => {
    const failing = create([openTelemetry()], {}, async () => {
      throw new RangeError("the disk is full");
    });
    await expect(failing).rejects.toThrow("full");
    const canceller: JobFilter = { onCreating: ({ cancel }) => cancel("not today") };
    await expect(create([openTelemetry(), canceller], { name: "other" })).rejects.toThrow("not today");
    const [failed, cancelled] = [telemetry.one("send mail.welcome"), telemetry.one("send other")];
    expect(failed.attributes["error.type"]).toBe("RangeError");
    expect(failed.status).toEqual({ code: SpanStatusCode.ERROR, message: "the disk is full" });
    expect(failed.events).toMatchObject([{ name: "exception" }]);
    expect(cancelled.attributes["error.type"]).toBe("FL_ENQUEUE_CANCELLED");
    const sent = await telemetry.points("messaging.client.sent.messages");
    expect(sent).toEqual([{ attributes: { ...JOB, ...SEND, "error.type": "RangeError" }, count: 1 }]);
  });

  it("leaves a context that the caller has given as it is, and links to it", async () => {
    const given = await create([openTelemetry()], { name: "first" });
    const stored = await create([openTelemetry()], { parameters: given.parameters ?? "" });
    expect(stored.parameters).toBe(given.parameters);
    expect(linksOf(telemetry.one("send mail.welcome"))).toEqual([idOf(telemetry.one("send first"))]);
  });
});

describe("calls that are stored together", () => {
  it("have a span each, and one for their write, linked to them", async () => {
    const jobs = await createMany([openTelemetry()], [{}, {}]);
    const send = telemetry.one("send mail.welcome");
    const creates = telemetry.of("create mail.welcome");
    expect(send.kind).toBe(SpanKind.CLIENT);
    expect(send.attributes).toEqual({ ...JOB, ...SEND, "messaging.batch.message_count": 2 });
    expect(linksOf(send)).toEqual(creates.map(idOf));
    expect(creates.map(({ kind, attributes }) => [kind, attributes])).toEqual(
      jobs.map(({ id }) => [SpanKind.PRODUCER, { ...JOB, ...CREATE, "messaging.message.id": id }]),
    );
    for (const [at, { parameters }] of jobs.entries()) {
      expect(parameters).toContain(creates[at]?.spanContext().spanId);
    }
    expect(await telemetry.points("messaging.client.sent.messages")).toMatchObject([{ count: 2 }]);
    expect(await telemetry.points("messaging.client.operation.duration")).toMatchObject([{ count: 1 }]);
  });

  it("share the context of their write when they are to have no spans of their own", async () => {
    const jobs = await createMany(
      [openTelemetry({ createSpans: false })],
      [{}, { name: "other", queue: "slow" }],
    );
    const send = telemetry.one("send");
    expect(telemetry.spans).toEqual([send]);
    expect(send.kind).toBe(SpanKind.PRODUCER);
    expect(send.attributes).toEqual({
      ...{ "messaging.system": "firelater", ...SEND },
      "messaging.batch.message_count": 2,
    });
    for (const { parameters } of jobs) expect(parameters).toContain(send.spanContext().spanId);
  });

  it("fail together, in one span that ends once", async () => {
    const failing = createMany([openTelemetry()], [{}, {}], async () => {
      throw new RangeError("the disk is full");
    });
    await expect(failing).rejects.toThrow("full");
    await vi.waitFor(() => expect(telemetry.of("send mail.welcome")).toHaveLength(1));
    expect(telemetry.one("send mail.welcome").attributes["error.type"]).toBe("RangeError");
  });
});

describe("a run", () => {
  it("begins a trace of its own, linked to the call, with the job's own spans inside", async () => {
    const filters = [openTelemetry()];
    const job = await create(filters);
    const result = await perform(
      filters,
      job,
      async () => {
        await Promise.resolve();
        trace.getTracer("test").startSpan("query").end();
        return 7;
      },
      { attempt: 3 },
    );
    expect(result).toBe(7);
    const [call, run] = [telemetry.one("send mail.welcome"), telemetry.one("process mail.welcome")];
    expect(run.kind).toBe(SpanKind.CONSUMER);
    expect(run.parentSpanContext).toBeUndefined();
    expect(run.spanContext().traceId).not.toBe(call.spanContext().traceId);
    expect(linksOf(run)).toEqual([idOf(call)]);
    const own = { "messaging.message.id": job.id, "messaging.firelater.job.attempt": 3 };
    expect(run.attributes).toEqual({ ...JOB, ...PROCESS, ...own });
    expect(run.status.code).toBe(SpanStatusCode.UNSET);
    expect(telemetry.one("query").parentSpanContext?.spanId).toBe(run.spanContext().spanId);
    const point = { attributes: { ...JOB, ...PROCESS }, count: 1 };
    expect(await telemetry.points("messaging.client.consumed.messages")).toEqual([point]);
    expect(await telemetry.points("messaging.process.duration")).toEqual([point]);
  });

  it("is a child of the call where that is wanted", async () => {
    const filters = [openTelemetry({ propagation: "child" })];
    await perform(filters, await create(filters), () => {});
    const [call, run] = [telemetry.one("send mail.welcome"), telemetry.one("process mail.welcome")];
    expect(run.spanContext().traceId).toBe(call.spanContext().traceId);
    expect(run.parentSpanContext?.spanId).toBe(call.spanContext().spanId);
    expect(linksOf(run)).toEqual([idOf(call)]);
  });

  it("is no child of whatever was going on where its server was started", async () => {
    await trace.getTracer("test").startActiveSpan("start", async (start) => {
      await perform([openTelemetry()], newJob(), () => {});
      start.end();
    });
    const run = telemetry.one("process mail.welcome");
    expect(run.parentSpanContext).toBeUndefined();
    expect(run.links).toEqual([]);
  });

  it("has the baggage of the call", async () => {
    const filters = [openTelemetry()];
    const tenant = propagation.createBaggage({ tenant: { value: "acme" } });
    const calling: Context = propagation.setBaggage(context.active(), tenant);
    const job = await context.with(calling, () => create(filters));
    const seen = await perform(filters, job, () => propagation.getActiveBaggage()?.getEntry("tenant")?.value);
    expect(seen).toBe("acme");
  });

  it("that throws has its error: the class of it, or a code of ours", async () => {
    const filters = [openTelemetry()];
    const thrown = [new TypeError("no route"), new JobTimeoutError("mail.welcome", 5), "text", null];
    for (const error of thrown) {
      const run = perform(filters, newJob(), () => {
        throw error;
      });
      await expect(run).rejects.toBe(error);
    }
    const types = telemetry.spans.map(({ attributes }) => attributes["error.type"]);
    expect(types).toEqual(["TypeError", "FL_JOB_TIMEOUT", "_OTHER", "_OTHER"]);
    expect(telemetry.spans.map(({ status }) => status.code)).toEqual(Array(4).fill(SpanStatusCode.ERROR));
    const durations = await telemetry.points("messaging.process.duration");
    expect(durations.map(({ attributes }) => attributes["error.type"])).toEqual([...new Set(types)]);
  });

  it("ends when its time is up, though its code goes on", async () => {
    const control = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const code = () => {
      begun.resolve();
      return promise;
    };
    const run = perform([openTelemetry()], newJob(), code, { signal: control.signal });
    await begun.promise;
    control.abort(new JobTimeoutError("mail.welcome", 5));
    expect(telemetry.one("process mail.welcome").attributes["error.type"]).toBe("FL_JOB_TIMEOUT");
    resolve();
    await run;
    expect(telemetry.spans).toHaveLength(1);
  });

  it("that a filter cancels is no failure", async () => {
    const canceller: JobFilter = { onPerforming: ({ cancel }) => cancel("not today") };
    await expect(perform([openTelemetry(), canceller], newJob(), () => {})).rejects.toThrow("not today");
    const { attributes, status } = telemetry.one("process mail.welcome");
    expect(attributes["messaging.firelater.job.cancelled"]).toBe(true);
    expect(attributes["error.type"]).toBeUndefined();
    expect(status.code).toBe(SpanStatusCode.UNSET);
  });
});

describe("what harms no job", () => {
  it("attributes that throw", async () => {
    const told: unknown[] = [];
    diag.setLogger({ error: (_: string, error: unknown) => told.push(error) } as unknown as DiagLogger);
    const filters = [
      openTelemetry({
        attributes: () => {
          throw new Error("mistake");
        },
      }),
    ];
    const job = await create(filters);
    expect(await perform(filters, job, () => 1)).toBe(1);
    diag.disable();
    expect(told).toHaveLength(2);
    expect(telemetry.spans).toHaveLength(2);
  });

  it("a stored context that is damaged", async () => {
    for (const parameters of ['{"TraceContext":5}', '{"TraceContext":{"traceparent":7}}', "nonsense"]) {
      expect(await perform([openTelemetry()], newJob({ parameters }), () => 1)).toBe(1);
    }
    expect(telemetry.spans.flatMap(({ links }) => links)).toEqual([]);
  });

  it("parameters that are full", async () => {
    const parameters = JSON.stringify({ much: "x".repeat(19_980) });
    const stored = await create([openTelemetry()], { parameters });
    expect(stored.parameters).toBe(parameters);
    expect(telemetry.spans).toHaveLength(1);
  });
});

it("the application's own attributes stand in all spans of a job", async () => {
  const filters = [openTelemetry({ attributes: ({ tags }) => ({ tenant: tags[0] ?? "none" }) })];
  const job = await create(filters, { tags: ["acme"] });
  await createMany(filters, [{ tags: ["acme"] }]);
  await perform(filters, job, () => {});
  const tenants = telemetry.spans.map(({ name, attributes }) => [name.split(" ")[0], attributes.tenant]);
  expect(tenants).toEqual([
    ["send", "acme"],
    ["create", "acme"],
    ["send", undefined],
    ["process", "none"],
  ]);
});

it("what is not sampled is carried on, and costs no attributes", async () => {
  await telemetry[Symbol.asyncDispose]();
  telemetry = new RecordedTelemetry(new AlwaysOffSampler());
  const attributes = vi.fn(() => ({}));
  const filters = [openTelemetry({ attributes })];
  const job = await create(filters);
  expect(job.parameters).toMatch(/-00"/);
  expect(await perform(filters, job, () => 1)).toBe(1);
  expect(attributes).not.toHaveBeenCalled();
  expect(telemetry.spans).toEqual([]);
});

it("without an SDK nothing is written to the job; one that comes later is used", async () => {
  await telemetry[Symbol.asyncDispose]();
  const filters = [openTelemetry()];
  const job = await create(filters);
  expect(job.parameters).toBeUndefined();
  expect(await perform(filters, job, () => 1)).toBe(1);
  expect((await createMany(filters, [{}, {}])).map(({ parameters }) => parameters)).toEqual([
    undefined,
    undefined,
  ]);
  telemetry = new RecordedTelemetry();
  await create(filters);
  expect(telemetry.spans).toHaveLength(1);
  expect(await telemetry.points("messaging.client.sent.messages")).toMatchObject([{ count: 1 }]);
});

it("options of the wrong kind are refused", () => {
  const make = (options: unknown) => () => Reflect.apply(openTelemetry, undefined, [options]);
  for (const options of [
    null,
    { propagation: "parent" },
    { createSpans: 1 },
    { attributes: {} },
    { tracerProvider: {} },
    { meterProvider: trace },
    { propogation: "link" },
  ]) {
    expect(make(options)).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
  }
  expect(make({ propagation: undefined })).not.toThrow();
});
