import assert from "node:assert/strict";
import vm from "node:vm";
import { describe, expect, test } from "vitest";
import {
  decodeArguments,
  decodeValue,
  encodeArguments,
  encodeValue,
  type FillPlaceholder,
  placeholdersIn,
} from "./codec.ts";
import { jobPlaceholders, parentPlaceholder, parentPlaceholders } from "./placeholder.ts";

function refusal(args: readonly unknown[]): string {
  try {
    encodeArguments(args);
  } catch (error) {
    expect(error).toMatchObject({ name: "UnstorableValueError", code: "FL_UNSTORABLE_ARGUMENT" });
    return String(error);
  }
  throw new Error("was accepted");
}

function comesBack(...args: unknown[]): string {
  const text = encodeArguments(args);
  assert.deepStrictEqual(decodeArguments(text), args);
  return text;
}

describe("the text", () => {
  test("of plain data is the bare list", () => {
    expect(comesBack("a", 1, true, null, { b: [2] })).toBe('["a",1,true,null,{"b":[2]}]');
    expect(comesBack()).toBe("[]");
  });

  test("of richer data is an envelope of version 1, frozen as it is", () => {
    expect(comesBack("x", undefined)).toBe(
      '{"v":1,"json":["x",null],"meta":{"values":{"1":["undefined"]},"v":1}}',
    );
    expect(comesBack(new Date(0))).toBe(
      '{"v":1,"json":["1970-01-01T00:00:00.000Z"],"meta":{"values":{"0":["Date"]},"v":1}}',
    );
    expect(comesBack(Uint8Array.of(1, 2))).toBe(
      '{"v":1,"json":[["Uint8Array","AQI="]],"meta":{"values":{"0":[["custom","bytes"]]},"v":1}}',
    );
  });

  test("of a result is the list of one value, or of none", () => {
    expect(encodeValue(undefined)).toBe("[]");
    expect(encodeValue({ v: 1, json: [] })).toBe('[{"v":1,"json":[]}]');
    expect(decodeValue("[]")).toBeUndefined();
    expect(decodeValue(encodeValue({ v: 1, json: [] }))).toEqual({ v: 1, json: [] });
  });
});

describe("what comes back equal", () => {
  test("characters that stores and encodings stumble over", () => {
    comesBack("\u0000", "\ud83d", "\udc4d\ud83d", "👍", "\u2028", { "\u0000\ud83d": "👍" });
  });

  test("Buffers, also when they share the pool", () => {
    comesBack(Buffer.from("abc"), { inside: Buffer.alloc(0) });
    const [bytes] = decodeArguments(encodeArguments([Uint8Array.of(7)]));
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(bytes).toMatchObject({ buffer: { byteLength: 1 } });
  });

  test("numbers that JSON changes, also in typed arrays", () => {
    comesBack(
      -0,
      Number.NaN,
      [Number.POSITIVE_INFINITY],
      Float64Array.of(Number.NaN, -0),
      BigInt64Array.of(-1n),
    );
  });

  test("shared references come back as equal copies, and Maps and Sets keep their order", () => {
    const shared = { id: 1 };
    const args = [
      shared,
      new Set([Number.NaN, shared, 2n]),
      new Map<unknown, unknown>([
        [shared, 2n],
        [2n, Number.NaN],
      ]),
    ];
    comesBack(...args);
    expect(decodeArguments(encodeArguments([2n, new Set([Number.NaN, 1, 2n]), Number.NaN]))[1]).toEqual(
      new Set([Number.NaN, 1, 2n]),
    );
  });

  test("keys that superjson refuses or splits", () => {
    const odd = { constructor: 1, prototype: undefined, "a.b": new Date(1), "": undefined, "\\.": 1n };
    comesBack(odd, new Map([[odd, odd]]));
  });

  test("objects without a prototype", () => {
    comesBack(Object.assign(Object.create(null), { a: { b: Object.create(null) } }));
  });

  test("errors with their class, cause, errors and own properties", () => {
    const failed = Object.assign(new RangeError("m", { cause: new Date(1) }), { code: "E", constructor: 1 });
    comesBack(failed, new AggregateError([failed, undefined], "many"), new Error());
    const [read] = decodeArguments(encodeArguments([failed]));
    expect(read).toMatchObject({ stack: failed.stack });
  });

  test("plain objects and lists of another realm, with rich data inside, become ours", () => {
    const foreign: unknown = vm.runInNewContext("({ list: [1, { a: undefined }], constructor: 2 })");
    assert.deepStrictEqual(decodeArguments(encodeArguments([foreign, 1n])), [
      { list: [1, { a: undefined }], constructor: 2 },
      1n,
    ]);
  });

  test("a null prototype inside does not make the neighbours odd", () => {
    comesBack({ a: 1, b: Object.create(null), c: [Object.create(null)] });
  });
});

describe("what is refused, by its path", () => {
  test.each<[string, unknown]>([
    ["arguments[0].a[0] is a function", { a: [() => {}] }],
    ["arguments[0] is a symbol", Symbol("x")],
    ["arguments[0].p is a promise", { p: Promise.resolve() }],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
    ["arguments[0].then is a function", { then() {} }],
    ["arguments[0].signal belongs to this process alone", { signal: new AbortController().signal }],
    ["arguments[0] is an instance of WeakMap", new WeakMap()],
    ["Pass new Uint8Array(buffer)", new ArrayBuffer(8)],
    ["arguments[0] is an instance of ReadableStream", new ReadableStream()],
    [
      "arguments[0] is an instance of Point",
      new (class Point {
        x = 1;
      })(),
    ],
    ["arguments[0] is an instance of HttpError", new (class HttpError extends Error {})()],
    ["arguments[0] is an array of a class", new (class Rows extends Array {})()],
    ["arguments[0] is an invalid Date", new Date(Number.NaN)],
    ["arguments[0][1] is a getter", Object.defineProperty([1, 2], 1, { get: () => 1, enumerable: true })],
    [
      "arguments[0].at is a getter",
      {
        get at() {
          throw new Error("ran");
        },
      },
    ],
    ["has a symbol as a key", { [Symbol.iterator]: 1 }],
    ["would replace a prototype", JSON.parse('{"__proto__":1}')],
    ["has holes", new Array(2)],
    ["is an array with further properties", "ab".match(/b/)],
    ["has a toJSON of its own", Object.defineProperty({}, "toJSON", { value: () => 1 })],
    ["is a map with further properties", Object.assign(new Map(), { extra: 1 })],
    ["Set its lastIndex to 0", Object.assign(/a/g, { lastIndex: 1 })],
    ["arguments[0].values()[0].b is a function", new Map([["k", { b() {} }]])],
    ["arguments[0].keys()[0] is a symbol", new Map([[Symbol("k"), 1]])],
    ["arguments[0].values()[0] is a symbol", new Set([Symbol("k")])],
    ["arguments[0].cause is a function", new Error("e", { cause: () => {} })],
  ])("%s", (text, value) => {
    expect(refusal([value])).toContain(text);
  });

  test("a cycle, through any holder", () => {
    const cycle: { list: unknown[]; map?: unknown } = { list: [] };
    cycle.list.push(cycle);
    expect(refusal([cycle])).toContain("arguments[0].list[0] contains itself");
    const map = new Map<string, unknown>();
    map.set("self", map);
    expect(refusal([map])).toContain("contains itself");
  });

  test("data that is nested 200 levels deep is fine, 100,000 levels overflow no stack", () => {
    comesBack(nested(199));
    expect(refusal([nested(100_000)])).toContain("is nested deeper than 200 levels");
    comesBack(nested(190, new Date(1)));
  });

  test("paths, keys and messages stay short", () => {
    const text = refusal([{ ["k".repeat(10_000)]: nested(150, () => {}) }]);
    expect(text.length).toBeLessThan(500);
  });

  test("a Proxy that throws is no crash", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal([[proxy]])).toContain("cannot be read");
  });

  test("the place among many calls is named", () => {
    expect(() => encodeArguments([() => {}], { call: 7 })).toThrow("calls[7].arguments[0] is a function");
  });

  test("a result has codes of its own", () => {
    expect(() => encodeValue({ f() {} })).toThrow(expect.objectContaining({ code: "FL_UNSTORABLE_RESULT" }));
    expect(() => encodeValue({ f() {} })).toThrow("result.f is a function");
    expect(() => encodeValue("x".repeat(11), { maxBytes: 10 })).toThrow(
      expect.objectContaining({ code: "FL_RESULT_TOO_LARGE" }),
    );
  });
});

describe("the size limit", () => {
  const tooLarge = expect.objectContaining({ name: "PayloadTooLargeError", code: "FL_ARGUMENTS_TOO_LARGE" });

  test("is 1 MiB of UTF-8 unless given", () => {
    comesBack("x".repeat(1_048_576 - 4));
    expect(() => encodeArguments(["x".repeat(1_048_576 - 3)])).toThrow(tooLarge);
    expect(() => encodeArguments(["é".repeat(600_000)])).toThrow(
      "1200004 bytes, and the limit is 1048576 bytes",
    );
    expect(encodeArguments(["x".repeat(2_000_000)], { maxBytes: 3_000_000 })).toHaveLength(2_000_004);
  });

  test("stops the walk early: shared references cannot blow it up", () => {
    let bomb: unknown[] = ["x"];
    for (let level = 0; level < 60; level++) bomb = [bomb, bomb];
    expect(() => encodeArguments([bomb])).toThrow(tooLarge);
  });

  test("counts bytes of typed arrays before they are copied", () => {
    expect(() => encodeArguments([new Uint8Array(50_000_000)])).toThrow(tooLarge);
  });
});

describe("placeholders", () => {
  const fill: FillPlaceholder = (placeholder) =>
    "parent" in placeholder ? `${placeholder.kind} ${placeholder.parent}` : placeholder.kind;

  test("stand in a side list, in plain and in rich calls, and are filled in", () => {
    const args = ["x", { deep: [jobPlaceholders.signal] }, jobPlaceholders.dueAt];
    const text = encodeArguments(args);
    expect(text).toBe(
      '{"v":1,"json":["x",{"deep":[null]},null],"fill":[[[1,"deep",0],"signal"],[[2],"dueAt"]]}',
    );
    expect(decodeArguments(text, fill)).toEqual(["x", { deep: ["signal"] }, "dueAt"]);
    expect(decodeArguments(encodeArguments([new Date(1), jobPlaceholders.id]), fill)).toEqual([
      new Date(1),
      "id",
    ]);
  });

  test("of parents carry their place; the id is known already", () => {
    const [a, b] = parentPlaceholders(["A", "B"]);
    const args = [a?.result, b, parentPlaceholder("C").result, jobPlaceholders];
    const text = encodeArguments(args);
    expect(placeholdersIn(text).map(({ kind }) => kind)).toEqual([
      "result",
      "result",
      "state",
      "error",
      "result",
      "id",
      "attempt",
      "signal",
      "dueAt",
    ]);
    expect(decodeArguments(text, fill)).toEqual([
      "result 0",
      { id: "B", result: "result 1", state: "state 1", error: "error 1" },
      "result 0",
      { id: "id", attempt: "attempt", signal: "signal", dueAt: "dueAt" },
    ]);
    expect(placeholdersIn('["plain"]')).toEqual([]);
  });

  test("leave the caller's own objects alone, shared ones too", () => {
    const shared = { at: jobPlaceholders.dueAt };
    const args = Object.freeze([Object.freeze(shared), shared]);
    expect(decodeArguments(encodeArguments(args), () => 5)).toEqual([{ at: 5 }, { at: 5 }]);
    expect(shared.at).toBe(jobPlaceholders.dueAt);
  });

  test("inside a Map, Set or Error are refused: a path cannot lead there", () => {
    expect(refusal([new Set([jobPlaceholders.id])])).toContain("is a placeholder inside a Map, Set or Error");
  });

  test("an error of the filler is its own", () => {
    const own = new Error("gone");
    const text = encodeArguments([jobPlaceholders.id]);
    expect(() =>
      decodeArguments(text, () => {
        throw own;
      }),
    ).toThrow(own);
  });
});

describe("corrupt text", () => {
  test.each([
    "",
    "x",
    "{",
    "[",
    "null",
    '"a"',
    "{}",
    '{"v":2,"json":[]}',
    '{"v":1,"json":{}}',
    '{"v":1,"json":[],"fill":3}',
    '{"v":1,"json":[1],"fill":[[["__proto__","x"],"id"]]}',
    '{"v":1,"json":[{}],"fill":[[[0,"__proto__","polluted"],"id"]]}',
    '{"v":1,"json":[1],"fill":[[[0],"result",-1]]}',
    '{"v":1,"json":[1],"fill":[[[0],"soul"]]}',
    '{"v":1,"json":[{}],"meta":{"values":{"0.__proto__.x":["Date"]},"v":1}}',
    '{"v":1,"json":[["Nope",""]],"meta":{"values":{"0":[["custom","bytes"]]},"v":1}}',
    '{"v":1,"json":[["constructor",""]],"meta":{"values":{"0":[["custom","bytes"]]},"v":1}}',
    '{"v":1,"json":["abc"],"meta":{"values":{"0":["bigint"]},"v":1}}',
    `{"v":1,"json":[${"[".repeat(100_000)}`,
  ])("%.60s", (text) => {
    const corrupt = expect.objectContaining({ name: "PayloadCorruptError", code: "FL_PAYLOAD_CORRUPT" });
    expect(() => decodeArguments(text)).toThrow(corrupt);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("gives a bounded message and keeps the cause", () => {
    const error = thrown(() => decodeArguments(`["${"x".repeat(100_000)}`));
    expect(String(error).length).toBeLessThan(500);
    expect(error).toMatchObject({ cause: expect.any(SyntaxError) });
  });
});

function nested(levels: number, inner: unknown = 1): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
