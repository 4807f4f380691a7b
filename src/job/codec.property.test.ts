import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UnstorableValueError } from "./codec/unstorable.ts";
import { decodeArguments, decodeValue, encodeArguments, encodeValue, PayloadCorruptError } from "./codec.ts";

/** Any string of UTF-16: control characters, 4-byte characters and lone surrogates included. */
const anyString = fc.oneof(
  fc.string({ unit: "grapheme-composite", maxLength: 10 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "",
    "\u0000",
    "\ud83d",
    "\udc4d\ud83d",
    "👍",
    "__proto__ ",
    "a.b",
    "\\.",
    "constructor",
    "toJSON",
  ),
);
const anyKey = anyString.filter((key) => key !== "__proto__" && key !== "toJSON");
const leaf = fc.oneof(
  anyString,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.webUrl().map((url) => new URL(url)),
  fc.constantFrom(/a\/b/giu, /(?:)/, /[/\n]\\/s, /\u2028/y).map((expression) => new RegExp(expression)),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.float64Array(),
  fc.float32Array(),
  fc.int16Array(),
  fc.bigInt64Array(),
);

/** Everything that may be stored, nested and mixed. */
const storable: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(anyKey, tie("any"), { maxKeys: 4 }),
    fc.dictionary(anyKey, tie("any"), { maxKeys: 4, noNullPrototype: false }),
    fc.array(fc.tuple(tie("any"), tie("any")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("any"), { maxLength: 4 }).map((values) => new Set(values)),
    fc.tuple(anyString, tie("any"), fc.dictionary(anyKey, tie("any"), { maxKeys: 4 })).map(makeError),
  ),
})).any;

function makeError([message, cause, own]: [string, unknown, object]): Error {
  const { stack: _stack, name: _name, ...rest } = { stack: "", name: "", ...own };
  const error = Array.isArray(cause) ? new AggregateError(cause, message) : new TypeError(message, { cause });
  for (const [key, value] of Object.entries(rest)) {
    Object.defineProperty(error, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return error;
}

const unstorable: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  () => {},
  Symbol("s"),
  Promise.resolve(1),
  new WeakMap(),
  new ArrayBuffer(1),
  new DataView(new ArrayBuffer(1)),
  new AbortController().signal,
  new Date(Number.NaN),
  new (class Point {
    x = 1;
  })(),
  new (class Failure extends Error {})(),
  new String("boxed"),
  Object.create({ inherited: 1 }),
  {
    get at() {
      throw new Error("a getter ran");
    },
  },
  { [Symbol("key")]: 1 },
  // biome-ignore lint/suspicious/noSparseArray: the hole is the point
  [1, , 2],
  JSON.parse('{"__proto__":{"polluted":true}}'),
);

test("whatever is accepted comes back equal", () => {
  fc.assert(
    fc.property(fc.array(storable, { maxLength: 4 }), (args) => {
      assert.deepStrictEqual(decodeArguments(encodeArguments(args)), args);
    }),
    { numRuns: 1_000 },
  );
});

test("a result comes back equal", () => {
  fc.assert(
    fc.property(storable, (value) => {
      assert.deepStrictEqual(decodeValue(encodeValue(value)), value);
    }),
    { numRuns: 300 },
  );
});

test("the text is well-formed, so that any store keeps it", () => {
  fc.assert(
    fc.property(storable, (value) => {
      const text = encodeArguments([value]);
      expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
      expect(text).not.toContain("\u0000");
    }),
    { numRuns: 300 },
  );
});

test("whatever is refused is refused wherever it stands, before any text is written", () => {
  const holders = fc.constantFrom<(value: unknown) => unknown>(
    (value) => value,
    (value) => [1, [value]],
    (value) => ({ a: { b: value } }),
    (value) => new Map([[value, 1]]),
    (value) => new Map([["key", value]]),
    (value) => new Set([value]),
    (value) => new Error("outer", { cause: value }),
    (value) => Object.assign(Object.create(null), { value }),
  );
  fc.assert(
    fc.property(unstorable, holders, storable, (bad, hold, good) => {
      expect(() => encodeArguments([good, hold(bad)])).toThrow(UnstorableValueError);
    }),
    { numRuns: 500 },
  );
});

test("arbitrary text is read or refused as corrupt", () => {
  const text = fc.oneof(
    anyString,
    fc.json({ maxDepth: 2 }),
    fc.json({ maxDepth: 2 }).map((json) => `{"v":1,"json":${json}}`),
    fc
      .tuple(fc.json({ maxDepth: 2 }), fc.json({ maxDepth: 2 }), fc.json({ maxDepth: 2 }))
      .map(
        ([json, values, fill]) => `{"v":1,"json":[${json}],"meta":{"values":${values},"v":1},"fill":${fill}}`,
      ),
  );
  fc.assert(fc.property(text, readsOrRefuses), { numRuns: 1_000 });
});

test("a changed byte of stored text is read or refused as corrupt", () => {
  fc.assert(
    fc.property(fc.array(storable, { maxLength: 4 }), fc.nat(), anyString, (args, at, inserted) => {
      const text = encodeArguments(args);
      const place = at % (text.length + 1);
      readsOrRefuses(text.slice(0, place) + inserted + text.slice(place + 1));
    }),
    { numRuns: 500 },
  );
});

function readsOrRefuses(text: string): void {
  try {
    expect(Array.isArray(decodeArguments(text))).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(PayloadCorruptError);
    expect(String(error).length).toBeLessThan(500);
  }
  expect(Reflect.get({}, "polluted")).toBeUndefined();
}
