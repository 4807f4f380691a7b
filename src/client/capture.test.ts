import { describe, expect, test } from "vitest";
import { defineJobs } from "../job/job-set.ts";
import { type JobPlaceholders, jobPlaceholders } from "../job/placeholder.ts";
import { recorderOf } from "../job/recorder.ts";
import { typeOnlyRecorder } from "../job/type-only-recorder.ts";
import { capture } from "./capture.ts";

const mail = {
  async welcome(to: string): Promise<string> {
    return to;
  },
  async fails(): Promise<void> {
    throw new Error("the real one ran");
  },
};
const jobs = defineJobs({ mail, tidy: (n: number): number => n });
const j = recorderOf(jobs);
type J = typeof j;

/** As JavaScript sees the recorder: any name may be read and called. */
type Loose = Record<string, Record<string, (...args: unknown[]) => unknown>>;

function mistake(lambda: (jobs: J) => unknown): unknown {
  try {
    capture(lambda, j);
  } catch (error) {
    return error;
  }
  throw new Error("was accepted");
}

function loosely(lambda: (jobs: Loose) => unknown): unknown {
  return mistake((recorder) => lambda(recorder as unknown as Loose)); // the compiler refuses these mistakes: they are the point
}

describe("a good call", () => {
  test("is what the function returned, with the arguments as they are", () => {
    const to = "user@example.com";
    expect(capture((recorder: J) => recorder.mail.welcome(to), j)).toEqual({
      name: "mail.welcome",
      args: [to],
    });
    expect(capture(({ mail: { welcome } }: J) => welcome(to), j)).toEqual({
      name: "mail.welcome",
      args: [to],
    });
    const [id] = capture((_: J, job: JobPlaceholders) => j.mail.welcome(job.id), j, jobPlaceholders).args;
    expect(Object.is(id, jobPlaceholders.id)).toBe(true);
  });

  test("may be captured inside another capture's function", () => {
    let inner: unknown;
    const outer = capture((recorder: J) => {
      inner = capture((again: J) => again.tidy(1), j);
      return recorder.tidy(2);
    }, j);
    expect([inner, outer]).toEqual([
      { name: "tidy", args: [1] },
      { name: "tidy", args: [2] },
    ]);
  });

  test("runs the function exactly once, also when it fails", () => {
    let runs = 0;
    loosely((loose) => {
      runs++;
      return loose.mail?.welcom?.("x") ?? loose.nope?.nope;
    });
    expect(runs).toBe(1);
  });
});

describe("no call", () => {
  test.each<[string, (recorder: J) => unknown]>([
    ["It returned undefined", () => undefined],
    ["It returned null", () => null],
    ["It returned false", () => false],
    ["It made a call and did not return it. Add return", (recorder) => void recorder.tidy(1)],
    ["It made a call, but returned 5", (recorder) => [recorder.tidy(1), 5][1]],
    ['It returned the function "mail.welcome" itself. Call it', (recorder) => recorder.mail.welcome],
    ["It returned a promise: this ran the real function", () => mail.welcome("x")],
    ["It returned a promise: this ran the real function", () => mail.fails()],
    ["It returned 3: this ran the real function", () => 3],
    ["It returned a list. Return one call; only enqueueMany takes several", (recorder) => [recorder.tidy(1)]],
    ["It returned a list. Return one call; only enqueueMany takes several", () => []],
    ["It returned an object: this ran the real function", () => ({ name: "tidy", args: [] })],
  ])("%s", (text, lambda) => {
    const error = expect.objectContaining({
      name: "NoCallError",
      code: "FL_NO_CALL",
      message: expect.stringContaining(text),
    });
    expect(mistake(lambda)).toEqual(error);
  });

  test("a call that was made elsewhere", () => {
    const kept: unknown[] = [];
    capture((recorder: J) => (kept[0] = recorder.tidy(1)), j);
    expect(mistake(() => kept[0])).toMatchObject({
      code: "FL_NO_CALL",
      message: expect.stringContaining("made elsewhere"),
    });
    expect(mistake((recorder) => [recorder.tidy(2), kept[0]][1])).toMatchObject({ code: "FL_NO_CALL" });
  });

  test("no function at all", () => {
    const given: unknown = mail.fails();
    expect(() => capture(given as () => unknown)).toThrow(
      "Expected a function that names the call, got a promise.",
    );
    expect(() => capture("x" as unknown as () => unknown)).toThrow(
      expect.objectContaining({ code: "FL_NO_CALL" }),
    );
  });
});

test("two calls", () => {
  const many = expect.objectContaining({ name: "ManyCallsError", code: "FL_MANY_CALLS" });
  expect(mistake((recorder) => [recorder.tidy(1), recorder.tidy(2)][1])).toEqual(many);
  expect(mistake((recorder) => [1, 2].map((n) => recorder.tidy(n)))).toEqual(many);
  expect(mistake((recorder) => void [recorder.tidy(1), recorder.tidy(2)])).toEqual(many);
});

test("async functions, whatever they do later: no rejection stays unhandled", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  const isAsync = expect.objectContaining({ name: "AsyncCallError", code: "FL_ASYNC_CALL" });
  expect(mistake(async (recorder) => recorder.tidy(1))).toEqual(isAsync);
  expect(mistake(async () => {})).toEqual(isAsync);
  expect(
    mistake(async () => {
      throw new Error("x");
    }),
  ).toEqual(isAsync);
  expect(
    mistake(async (recorder) => {
      await null;
      return recorder.tidy(1);
    }),
  ).toEqual(isAsync);
  expect(mistake((recorder) => Promise.reject(recorder.tidy(1)))).toEqual(isAsync);
  expect(mistake(() => mail.fails())).toMatchObject({ code: "FL_NO_CALL" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

describe("an unknown job", () => {
  test.each<[string, string, (loose: Loose) => unknown]>([
    [
      "mail.welcom",
      'Did you mean "mail.welcome"?',
      (loose) => loose.mail?.welcom?.call(null) ?? loose.mail?.welcom?.name.length,
    ],
    [
      "mail.welcom",
      'Did you mean "mail.welcome"?',
      ({ mail: { welcom } = {} }) => (welcom as () => unknown)(),
    ],
    ["mial", 'Did you mean "mail"?', (loose) => (loose.mial as { welcome(): unknown }).welcome()],
    ["tdiy", 'Did you mean "tidy"?', (loose) => (loose.tdiy as unknown as () => unknown)()],
    [
      "mail.constructor",
      "Register it with defineJobs",
      (loose) => (loose.mail as { constructor: () => unknown }).constructor(),
    ],
    ["mail.zzz", "Register it with defineJobs", (loose) => (loose.mail as { zzz(): unknown }).zzz()],
  ])("%s: %s", (name, mend, lambda) => {
    const error = loosely(lambda);
    expect(error).toMatchObject({ name: "UnknownJobError", code: "FL_UNKNOWN_JOB" });
    expect(error).toMatchObject({ message: expect.stringContaining(`no job "${name}"`) });
    expect(error).toMatchObject({ message: expect.stringContaining(mend) });
  });

  test("keeps the engine's own error as the cause", () => {
    expect(loosely((loose) => (loose.mail as { zzz(): unknown }).zzz())).toMatchObject({
      cause: expect.any(TypeError),
    });
  });

  test("of a producer with only the types: what no name can be", () => {
    const lambda = (recorder: J): unknown => (recorder.mail as unknown as { then(): unknown }).then();
    expect(() => capture(lambda, typeOnlyRecorder<typeof jobs>())).toThrow(
      expect.objectContaining({ code: "FL_UNKNOWN_JOB" }),
    );
  });
});

test("an error of the function's own comes through untouched", () => {
  const own = new TypeError("mine");
  expect(
    mistake(() => {
      throw own;
    }),
  ).toBe(own);
  const range = new RangeError("mine");
  expect(
    loosely((loose) => {
      void loose.nope;
      throw range;
    }),
  ).toBe(range);
});

test("after a failed capture calls are outside again", () => {
  mistake(() => {
    throw new Error("x");
  });
  expect(() => j.tidy(1)).toThrow(expect.objectContaining({ code: "FL_CALL_OUTSIDE_CAPTURE" }));
});
