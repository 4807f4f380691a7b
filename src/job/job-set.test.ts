import * as fsp from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { defineJobs, type JobSet, registryOf } from "./job-set.ts";
import { recorderOf } from "./recorder.ts";
import type { RegisteredJob } from "./registry.ts";

class Base {
  static all(): void {}
  shared(): void {}
}
class Reports extends Base {
  title = "x";
  readonly db: object;
  constructor(db: object) {
    super();
    this.db = db;
  }
  static purge(): void {}
  static Inner = class {};
  get size(): never {
    throw new Error("a getter ran");
  }
  build(): void {}
}

function names(jobs: JobSet): string[] {
  return registryOf(jobs).names();
}

function find(jobs: JobSet, name: string): RegisteredJob {
  const job = registryOf(jobs).find(name);
  if (job === undefined) throw new Error(`no ${name}`);
  return job;
}

/** For mistakes that the compiler refuses: defineJobs as JavaScript sees it. */
const defineAnything = (jobs: unknown, options?: unknown): JobSet =>
  Reflect.apply(defineJobs, undefined, [jobs, options]);

describe("an entry", () => {
  test("that is a function is one job", () => {
    const tidy = (): void => {};
    expect(find(defineJobs({ tidy }), "tidy").target).toEqual({ kind: "function", fn: tidy });
  });

  test("that is an object gives its functions, called on it; getters never run, nor do their names count", () => {
    const mail = {
      welcome(): void {},
      version: 3,
      get lazy(): never {
        throw new Error("a getter ran");
      },
      "a.b"(): void {},
      Inner: class {},
      // biome-ignore lint/suspicious/noThenProperty: a reserved name is the point
      then(): void {},
    };
    const jobs = defineJobs({ mail });
    expect(names(jobs)).toEqual(["mail.welcome"]);
    expect(find(jobs, "mail.welcome").target).toEqual({ kind: "method", object: mail, method: "welcome" });
  });

  test("that is an instance gives its methods, inherited ones too, and functions in fields", () => {
    class Mailer extends Base {
      #smtp = "x";
      send(): string {
        return this.#smtp;
      }
      now = (): void => {};
    }
    expect(names(defineJobs({ mailer: new Mailer() })).sort()).toEqual([
      "mailer.now",
      "mailer.send",
      "mailer.shared",
    ]);
  });

  test("that is a class gives static and instance methods, inherited ones too", () => {
    const jobs = defineJobs({ Reports });
    expect(names(jobs).sort()).toEqual(["Reports.all", "Reports.build", "Reports.purge", "Reports.shared"]);
    expect(find(jobs, "Reports.purge").target).toEqual({ kind: "method", object: Reports, method: "purge" });
    expect(find(jobs, "Reports.build").target).toEqual({ kind: "instance", type: Reports, method: "build" });
    expect(registryOf(jobs).classesNeedingActivate()).toEqual([Reports]);
    expect(registryOf(defineJobs({ Base })).classesNeedingActivate()).toEqual([]);
  });

  test("that is a module namespace gives its exported functions; console too", () => {
    const jobs = defineJobs({ fsp, console });
    expect(names(jobs)).toEqual(
      expect.arrayContaining(["fsp.rm", "fsp.readFile", "console.log", "console.error"]),
    );
    expect(names(jobs)).not.toContain("fsp.constants");
  });

  test("that is an object without a prototype, or holds Object.prototype's names, is fine", () => {
    const bare: { run(): void } = Object.assign(Object.create(null), { run() {} });
    const shadow = { toString: (): string => "x", hasOwnProperty: (): boolean => true };
    expect(names(defineJobs({ bare, shadow })).sort()).toEqual([
      "bare.run",
      "shadow.hasOwnProperty",
      "shadow.toString",
    ]);
  });

  test("that a dev server or a bundler wrote as getters is read; its unfinished exports are awaited", () => {
    let welcome: (() => void) | undefined;
    const mail = Object.defineProperty(Object.create(null), Symbol.toStringTag, { value: "Module" });
    Object.defineProperty(mail, "welcome", {
      enumerable: true,
      get() {
        if (welcome === undefined) throw new ReferenceError("Cannot access 'welcome' before initialization");
        return welcome;
      },
    });
    const jobs = defineAnything({ mail }, { mail: { welcome: { queue: "q" } } });
    expect(() => registryOf(jobs)).toThrow(expect.objectContaining({ code: "FL_INVALID_JOBS" }));
    welcome = () => {};
    expect(names(jobs)).toEqual(["mail.welcome"]);
    expect(find(jobs, "mail.welcome").options.queue).toBe("q");
  });
});

describe("what defineJobs refuses", () => {
  test.each<[string, unknown, unknown?]>([
    ["the name is reserved", { catch: () => {} }],
    ["the name is reserved", JSON.parse('{"__proto__":{}}')],
    ["it holds a dot", { "a.b": () => {} }],
    ["it is empty", { "": () => {} }],
    ['"*" stands for all jobs', { "*": () => {} }],
    ["it is 3, or a getter", { n: 3 }],
    [
      "or a getter",
      {
        get lazy() {
          throw new Error("ran");
        },
      },
    ],
    ["it is a promise", { mail: Promise.resolve({}) }],
    [
      "both a static and an instance method",
      {
        C: class {
          static go() {}
          go() {}
        },
      },
    ],
    [
      "both a static and an instance method",
      {
        C: class extends Base {
          all(): void {}
        },
      },
    ],
    ['Two jobs claim the name "b"', { a: () => {}, b: () => {} }, { a: { formerly: ["b"] } }],
    [
      'Two jobs claim the name "old"',
      { a: () => {}, b: () => {} },
      { a: { formerly: ["old"] }, b: { formerly: ["old"] } },
    ],
    ["defineJobs takes an object", undefined],
    ["defineJobs takes an object", []],
  ])("%s", (text, jobs, options) => {
    const invalid = expect.objectContaining({
      code: "FL_INVALID_JOBS",
      message: expect.stringContaining(text),
    });
    expect(() => defineAnything(jobs, options)).toThrow(invalid);
  });

  test.each<[string, string, unknown]>([
    ["FL_INVALID_OPTIONS", 'Did you mean "welcome"?', { mail: { welcom: {} } }],
    ["FL_INVALID_OPTIONS", 'Did you mean "mail"?', { mial: {} }],
    ["FL_INVALID_OPTIONS", 'Did you mean "queue"?', { mail: { welcome: { queu: "x" } } }],
    ["FL_INVALID_OPTIONS", 'Did you mean "retries"?', { mail: { welcome: { retry: { retrys: 1 } } } }],
    ["FL_INVALID_OPTIONS", "formerly", { "*": { formerly: ["x"] } }],
    ["FL_INVALID_OPTIONS", "args", { mail: { "*": { args: schema() } } }],
    ["FL_INVALID_OPTIONS", "~standard", { mail: { welcome: { args: {} } } }],
    ["FL_INVALID_OPTIONS", "formerly", { mail: { welcome: { formerly: ["a.b.c"] } } }],
    ["FL_INVALID_OPTIONS", "displayName", { mail: { welcome: { displayName: 3 } } }],
    ["FL_INVALID_OPTIONS", "retries", { "*": { retry: { retries: -1 } } }],
    ["FL_INVALID_OPTIONS", "retries", { "*": { retry: { retries: 1.5 } } }],
    ["FL_INVALID_OPTIONS", "delays", { "*": { retry: { delays: [] } } }],
    ["FL_INVALID_OPTIONS", "exceptOn", { "*": { retry: { exceptOn: ["TypeError"] } } }],
    ["FL_INVALID_OPTIONS", "onExhausted", { "*": { retry: { onExhausted: "explode" } } }],
    ["FL_INVALID_OPTIONS", "retry", { "*": { retry: true } }],
    ["FL_INVALID_OPTIONS", "timeout", { "*": { timeout: "0s" } }],
    ["FL_INVALID_OPTIONS", 'the options of "mail"', { mail: 3 }],
    ["FL_INVALID_OPTIONS", "options", 3],
    ["FL_INVALID_DURATION", 'timeout of "mail.welcome"', { mail: { welcome: { timeout: "30 s" } } }],
    ["FL_INVALID_DURATION", "delays", { mail: { welcome: { retry: { delays: ["1s", 5] } } } }],
    ["FL_INVALID_QUEUE", "queue", { mail: { "*": { queue: "" } } }],
    ["FL_INVALID_QUEUE", "queue", { "*": { queue: "Not A Queue" } }],
    ["FL_INVALID_QUEUE", "queue", { "*": { queue: "q".repeat(101) } }],
    ["FL_INVALID_PRIORITY", "priority", { "*": { priority: 40_000 } }],
    ["FL_INVALID_PRIORITY", "priority", { "*": { priority: "5" } }],
  ])("%s %s %j", (code, text, options) => {
    const mail = { welcome(): void {} };
    const invalid = expect.objectContaining({ code, message: expect.stringContaining(text) });
    expect(() => defineAnything({ mail }, options)).toThrow(invalid);
  });

  test("a value that only looks like a job set", () => {
    const forged: unknown = Object.create(defineJobs({ console }));
    expect(() => registryOf(forged as JobSet)).toThrow(expect.objectContaining({ code: "FL_INVALID_JOBS" }));
    expect(() => recorderOf(forged as JobSet)).toThrow(expect.objectContaining({ code: "FL_INVALID_JOBS" }));
  });
});

describe("options", () => {
  const mail = { welcome(): void {}, remind(): void {} };

  test("have defaults", () => {
    expect(find(defineJobs({ mail }), "mail.welcome").options).toEqual({
      queue: "default",
      priority: 0,
      displayName: undefined,
      tags: [],
      concurrency: undefined,
      timeoutMs: undefined,
      latencyTimeoutMs: undefined,
      idempotentCompletion: false,
      filters: [],
      retry: {
        retries: 10,
        delaysMs: undefined,
        onlyOn: undefined,
        exceptOn: undefined,
        onExhausted: "fail",
      },
      formerly: [],
      args: undefined,
    });
  });

  test("go from all to the group to the job, retry field by field", () => {
    const jobs = defineJobs(
      { mail, tidy: (): void => {} },
      {
        "*": { queue: "all", priority: 1, retry: { retries: 3, onExhausted: "delete" } },
        mail: {
          "*": { queue: "mail", priority: undefined },
          welcome: { timeout: { minutes: 5 }, retry: { delays: ["1s"] } },
        },
        tidy: { retry: false },
      },
    );
    const welcome = find(jobs, "mail.welcome").options;
    expect(welcome).toMatchObject({ queue: "mail", priority: 1, timeoutMs: 300_000 });
    expect(welcome.retry).toMatchObject({ retries: 3, delaysMs: [1_000], onExhausted: "delete" });
    expect(find(jobs, "tidy").options).toMatchObject({
      queue: "all",
      retry: { retries: 0, onExhausted: "fail" },
    });
  });

  test("formerly: a job is found under its former names", () => {
    const jobs = defineJobs({ mail }, { mail: { welcome: { formerly: ["mail.hello", "greet"] } } });
    expect(find(jobs, "greet")).toBe(find(jobs, "mail.welcome"));
    expect(names(jobs)).toEqual(["mail.welcome", "mail.remind", "mail.hello", "greet"]);
  });

  test("of a schema is kept", () => {
    const args = schema();
    expect(find(defineJobs({ mail }, { mail: { welcome: { args } } }), "mail.welcome").options.args).toBe(
      args,
    );
  });

  test("names are looked up in the registry's own map only", () => {
    const registry = registryOf(defineJobs({ mail }));
    for (const name of [
      "constructor",
      "__proto__",
      "mail.constructor",
      "mail.toString",
      "toString",
      "mail",
      "",
    ]) {
      expect(registry.find(name)).toBeUndefined();
    }
  });
});

function schema() {
  return { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
}
