import { afterEach, expect, test } from "vitest";
import { BackgroundJobClient, BackgroundJobServer, RecurringJobManager } from "./compose.ts";
import { MemoryStorage } from "./drivers/memory/index.ts";
import { defineJobs } from "./job/job-set.ts";
import { configure } from "./static/configure.ts";

const jobs = defineJobs({ tick: async () => {} });
const storage = new MemoryStorage();
afterEach(() => storage.close());

const coded = (code: string, text = "") =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

test.each<[string, unknown]>([
  ["FL_INVALID_OPTIONS", null],
  ["FL_INVALID_OPTIONS", 5],
  ["FL_INVALID_OPTIONS", { storage: {}, jobs }],
  ["FL_INVALID_OPTIONS", { storage: "jobs.db", jobs }],
  ["FL_INVALID_OPTIONS", { storage: MemoryStorage, jobs }],
  ["FL_INVALID_OPTIONS", { storage: null, jobs }],
  ["FL_INVALID_JOBS", { storage, jobs: { tick: async () => {} } }],
  ["FL_NOT_CONFIGURED", undefined],
  ["FL_NOT_CONFIGURED", { jobs }],
])("a client is refused with %s at once (%#)", (code, options) => {
  expect(() => Reflect.construct(BackgroundJobClient, [options])).toThrow(coded(code));
});

test.each([Number.NaN, -1, 0, 1.5, Number.POSITIVE_INFINITY, "1", null])(
  "maxArgumentBytes of %j is no limit, and refused",
  (maxArgumentBytes) => {
    expect(() => Reflect.construct(BackgroundJobClient, [{ storage, jobs, maxArgumentBytes }])).toThrow(
      coded("FL_INVALID_OPTIONS", "maxArgumentBytes"),
    );
  },
);

test.each<[unknown]>([[null], [{ storage: {}, jobs }]])("a server is refused at once (%#)", (options) => {
  expect(() => Reflect.construct(BackgroundJobServer, [options])).toThrow(coded("FL_INVALID_OPTIONS"));
});

test.each<[string, string, unknown]>([
  ["FL_INVALID_OPTIONS", "the options of configure", undefined],
  ["FL_INVALID_OPTIONS", "the storage of configure", {}],
  ["FL_INVALID_OPTIONS", "the storage of configure", { jobs }],
  ["FL_INVALID_JOBS", "defineJobs", { storage }],
  ["FL_INVALID_JOBS", "defineJobs", { storage, jobs: {} }],
])("configure refuses with %s what lacks %s, and changes nothing (%#)", (code, text, options) => {
  expect(() => Reflect.apply(configure, undefined, [options])).toThrow(coded(code, text));
  expect(() => new BackgroundJobClient()).toThrow(coded("FL_NOT_CONFIGURED"));
});

test("jobs may be a function, which is not called yet", () => {
  const later = (): typeof jobs => {
    throw new Error("called too early");
  };
  expect(new BackgroundJobClient({ storage, jobs: later, maxArgumentBytes: 1 })).toBeInstanceOf(
    BackgroundJobClient,
  );
});

test.each<[string, object, string]>([
  ["a client", { maxArgumentBtyes: 5 }, 'There is no "maxArgumentBtyes" in the options of the client'],
  ["a manager", { job: jobs }, 'There is no "job" in the options of the manager'],
  ["configure", { storage, jobs, filter: [] }, 'There is no "filter" in the options of configure'],
])("a misspelt name is refused by %s, with the one that was meant", (of, options, text) => {
  const given = { storage, jobs, ...options };
  const make = {
    "a client": () => new BackgroundJobClient(given),
    "a manager": () => new RecurringJobManager(given),
    configure: () => configure(given),
  }[of];
  expect(make).toThrow(coded("FL_INVALID_OPTIONS", text));
  expect(make).toThrow(coded("FL_INVALID_OPTIONS", "Did you mean "));
});

test("a client and a manager may be made of one object", () => {
  const parts = { storage, jobs, logger: console, filters: [], maxArgumentBytes: undefined };
  expect(new RecurringJobManager(parts)).toBeInstanceOf(RecurringJobManager);
  expect(new BackgroundJobClient(parts)).toBeInstanceOf(BackgroundJobClient);
});
