import { describe, expect, test, vi } from "vitest";
import { defineJobs } from "../job/job-set.ts";
import { recorderOf } from "../job/recorder.ts";
import type { CallItem } from "./call.ts";
import { type CapturedItem, captureMany } from "./capture-many.ts";

const jobs = defineJobs({ tidy: (n: number): number => n, mail: { welcome(_to: string): void {} } });
const j = recorderOf(jobs);
type J = typeof j;
type Source = Iterable<CallItem> | AsyncIterable<CallItem>;

const chunking = {
  prepare: (item: CapturedItem) => item,
  weigh: () => 1,
  maxItems: 3,
  maxWeight: 100,
  closing: new AbortController().signal,
  interrupted: (taken: number) => new Error(`interrupted after ${taken}`),
};

async function chunksOf(calls: (recorder: J) => Source, options = chunking): Promise<CapturedItem[][]> {
  const chunks: CapturedItem[][] = [];
  for await (const chunk of captureMany(options, calls, j)) chunks.push(chunk);
  return chunks;
}

const sizes = (chunks: readonly unknown[][]): number[] => chunks.map((chunk) => chunk.length);
const loosely = (calls: (recorder: J) => unknown) => chunksOf(calls as (recorder: J) => Source);

describe("calls are taken from", () => {
  test("a list, pairs with options included", async () => {
    const chunks = await chunksOf((recorder) => [recorder.tidy(1), [recorder.tidy(2), { priority: 1 }]]);
    expect(chunks).toEqual([
      [
        { name: "tidy", args: [1], options: undefined, index: 0 },
        { name: "tidy", args: [2], options: { priority: 1 }, index: 1 },
      ],
    ]);
  });

  test("an empty list, which gives nothing", async () => {
    expect(await chunksOf(() => [])).toEqual([]);
  });

  test("a generator, in chunks by number and by weight", async () => {
    const seven = function* (recorder: J): Generator<CallItem> {
      for (let n = 0; n < 7; n++) yield recorder.tidy(n);
    };
    expect(sizes(await chunksOf(seven))).toEqual([3, 3, 1]);
    expect(sizes(await chunksOf(seven, { ...chunking, weigh: () => 60 }))).toEqual([2, 2, 2, 1]);
    expect((await chunksOf(seven)).flat().map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("an async generator that waits between its calls", async () => {
    const chunks = await chunksOf(async function* (recorder) {
      for (let n = 0; n < 4; n++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield recorder.tidy(n);
      }
    });
    expect(chunks.flat().map(({ args }) => args)).toEqual([[0], [1], [2], [3]]);
    expect(() => j.tidy(1)).toThrow(expect.objectContaining({ code: "FL_CALL_OUTSIDE_CAPTURE" }));
  });

  test("an endless generator, lazily, closing it when nobody wants more", async () => {
    let made = 0;
    let closed = false;
    const endless = function* (recorder: J): Generator<CallItem> {
      try {
        for (;;) yield recorder.tidy(made++);
      } finally {
        closed = true;
      }
    };
    for await (const chunk of captureMany(chunking, endless, j)) {
      expect(made).toBe(chunk.length);
      break;
    }
    expect(closed).toBe(true);
  });

  test("a generator that uses one object again and again: each call is prepared as it is made", async () => {
    const options = { ...chunking, prepare: ({ args }: CapturedItem) => JSON.stringify(args) };
    const reused = function* (recorder: J): Generator<CallItem> {
      const to: string[] = [];
      for (const name of ["a", "b"]) {
        to[0] = name;
        yield recorder.mail.welcome(to as unknown as string); // a list, to have something that changes
      }
    };
    const chunks: string[][] = [];
    for await (const chunk of captureMany(options, reused, j)) chunks.push(chunk);
    expect(chunks).toEqual([['[["a"]]', '[["b"]]']]);
  });
});

describe("refused, with the index", () => {
  test("an item that is no call", async () => {
    const noCall = (text: string) =>
      expect.objectContaining({ code: "FL_NO_CALL", message: expect.stringContaining(text) });
    await expect(loosely((recorder) => [recorder.tidy(1), 5])).rejects.toThrow(
      noCall("calls[1] is no call of a job, it is 5"),
    );
    await expect(loosely(() => [Promise.reject(new Error("x"))])).rejects.toThrow(noCall("it is a promise"));
    await expect(
      loosely(function* (recorder) {
        yield recorder.tidy(1);
        yield recorder.tidy;
      }),
    ).rejects.toThrow(noCall("calls[1]"));
    await expect(
      loosely(async function* () {
        yield null;
      }),
    ).rejects.toThrow(noCall("calls[0]"));
  });

  test("options that are malformed", async () => {
    const bad = (options: object) => loosely((recorder) => [recorder.tidy(1), [recorder.tidy(2), options]]);
    await expect(bad({ queue: "" })).rejects.toThrow(
      expect.objectContaining({ code: "FL_INVALID_QUEUE", message: expect.stringContaining("calls[1]") }),
    );
    await expect(bad({ que: "x" })).rejects.toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
    await expect(bad({ id: "nope" })).rejects.toThrow(expect.objectContaining({ code: "FL_INVALID_ID" }));
  });

  test("a list, as a whole, before its first chunk", async () => {
    const prepare = vi.fn((item: CapturedItem) => item);
    const counting = { ...chunking, prepare };
    const list = (recorder: J): unknown => [...[1, 2, 3, 4].map((n) => recorder.tidy(n)), "bad"];
    await expect(chunksOf(list as (recorder: J) => Source, counting)).rejects.toThrow("calls[4]");
    expect(prepare).not.toHaveBeenCalled();
  });

  test("calls that were made and not given", async () => {
    const forgotten = expect.objectContaining({ code: "FL_MANY_CALLS" });
    await expect(
      chunksOf((recorder) => [1, 2].map((n) => [recorder.tidy(n), recorder.tidy(n)][0] ?? recorder.tidy(n))),
    ).rejects.toThrow(forgotten);
    await expect(
      chunksOf(function* (recorder) {
        recorder.tidy(1);
        yield recorder.tidy(2);
      }),
    ).rejects.toThrow(forgotten);
  });

  test("what is no list: one call, a promise, nothing, a string", async () => {
    const code = (expected: string) => expect.objectContaining({ code: expected });
    await expect(loosely((recorder) => recorder.tidy(1))).rejects.toThrow("got a single call");
    await expect(loosely(() => undefined)).rejects.toThrow(code("FL_NO_CALL"));
    await expect(loosely(() => "abc")).rejects.toThrow(code("FL_NO_CALL"));
    await expect(loosely(async (recorder) => [recorder.tidy(1)])).rejects.toThrow(code("FL_ASYNC_CALL"));
  });

  test("an unknown name, also in generators", async () => {
    const unknown = expect.objectContaining({
      code: "FL_UNKNOWN_JOB",
      message: expect.stringContaining('"mail.welcome"'),
    });
    const wrong = (recorder: J): CallItem =>
      Reflect.apply(Reflect.get(recorder.mail, "welcom"), undefined, []);
    const wrongCall = (recorder: J): CallItem =>
      (recorder.mail as unknown as { welcom(): CallItem }).welcom();
    await expect(chunksOf((recorder) => [wrongCall(recorder)])).rejects.toThrow(unknown);
    await expect(
      chunksOf(function* (recorder) {
        yield wrong(recorder);
      }),
    ).rejects.toThrow(unknown);
    await expect(
      chunksOf(async function* (recorder) {
        await null;
        yield wrongCall(recorder);
      }),
    ).rejects.toThrow(unknown);
  });

  test("an error of the generator's own comes through untouched", async () => {
    const own = new TypeError("mine");
    await expect(
      chunksOf(function* (recorder) {
        yield recorder.tidy(1);
        throw own;
      }),
    ).rejects.toBe(own);
  });
});
