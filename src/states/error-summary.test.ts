import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summarizeError } from "./error-summary.ts";

/** What every engine must hold: bounded, well-formed, and the same after JSON. */
function expectStorable(thrown: unknown): void {
  const summary = summarizeError(thrown);
  const text = JSON.stringify(summary);
  expect(text.length).toBeLessThan(100_000);
  expect(text.isWellFormed()).toBe(true);
  expect(JSON.parse(text)).toEqual(summary);
}

function throwing(what: string): never {
  throw new Error(`${what} refused`);
}

const hostile: Record<string, unknown> = {
  "a getter that throws": Object.defineProperty(new Error("x"), "message", {
    get: () => throwing("message"),
  }),
  "an error whose every getter throws": new Proxy(new Error("x"), { get: () => throwing("get") }),
  "a proxy without a prototype": new Proxy({}, { getPrototypeOf: () => throwing("prototype") }),
  "a proxy that refuses everything": new Proxy(
    {},
    {
      get: () => throwing("get"),
      getPrototypeOf: () => throwing("prototype"),
      ownKeys: () => throwing("keys"),
    },
  ),
  "a revoked proxy": revoked(),
  "an object whose toJSON throws": { toJSON: () => throwing("toJSON") },
  "an object whose toString throws": Object.assign(() => {}, { toString: () => throwing("toString") }),
  "an object without a prototype": Object.create(null),
  "a class whose name is a symbol": { constructor: { name: Symbol("n") } },
  "an error whose name is an object": Object.assign(new Error("x"), { name: { a: 1 } }),
  "an error whose stack is a number": Object.assign(new Error("x"), { stack: 5 }),
  "an error whose own property throws": Object.defineProperty(new Error("x"), "detail", {
    get: () => throwing("detail"),
    enumerable: true,
  }),
  "an error that holds itself": holdingItself(),
  "an error whose cause throws": Object.defineProperty(new Error("x"), "cause", {
    get: () => throwing("cause"),
  }),
};

function holdingItself(): unknown {
  const error = new Error("x");
  return Object.assign(error, { self: error, big: 1n });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("summarizeError", () => {
  it("keeps the class, message, stack and code of an error", () => {
    const error = Object.assign(new TypeError("no route"), { code: "ENOROUTE" });
    expect(summarizeError(error)).toMatchObject({ type: "TypeError", message: "no route", code: "ENOROUTE" });
    expect(summarizeError(error).stack).toContain("error-summary.test");
  });

  it.each<[unknown, object]>([
    [null, { type: "null", message: "null" }],
    [undefined, { type: "undefined", message: "undefined" }],
    ["out of paper", { type: "string", message: "out of paper" }],
    [42, { type: "number", message: "42" }],
    [Symbol("s"), { type: "symbol", message: "Symbol(s)" }],
    [{ status: 500 }, { type: "Object", message: '{"status":500}' }],
    [new Map(), { type: "Map", message: "{}" }],
  ])("describes a thrown %o", (thrown, summary) => expect(summarizeError(thrown)).toEqual(summary));

  it("keeps an error's own properties, as JSON", () => {
    const error = Object.assign(new Error("refused"), {
      status: 503,
      response: { headers: { "retry-after": "5" } },
      send() {},
      when: new Date(0),
    });
    const { properties } = summarizeError(error);
    expect(properties).toEqual({
      status: 503,
      response: { headers: { "retry-after": "5" } },
      when: "1970-01-01T00:00:00.000Z",
    });
    expect(summarizeError(new Error("plain"))).not.toHaveProperty("properties");
  });

  it("keeps the first errors of an AggregateError, each without its causes", () => {
    const inner = Array.from({ length: 9 }, (_, n) => new Error(`number ${n}`, { cause: new Error("deep") }));
    const { errors } = summarizeError(new AggregateError(inner, "all failed"));
    expect(errors?.map(({ message }) => message)).toEqual([
      "number 0",
      "number 1",
      "number 2",
      "number 3",
      "number 4",
    ]);
    expect(errors?.[0]).not.toHaveProperty("cause");
  });

  it("bounds properties in number and in length, whatever they are called", () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`key ${n}`, "v".repeat(100_000)]),
    );
    const error = Object.assign(new Error("big"), many);
    Object.defineProperty(error, "__proto__", { value: { polluted: true }, enumerable: true });
    const text = JSON.stringify(summarizeError(error).properties);
    expect(text.length).toBeLessThan(5_000);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("bounds a message and a stack of a megabyte", () => {
    const error = new Error("m".repeat(1_000_000));
    error.stack = "at somewhere\n".repeat(100_000);
    const summary = summarizeError(error);
    expect(summary.message).toHaveLength(2_000);
    expect(summary.stack?.length).toBeLessThanOrEqual(8_010);
    expect(summary.stack?.split("\n").length).toBeLessThanOrEqual(101);
    expectStorable("x".repeat(1_000_000));
  });

  it("follows causes five deep, and a circle of causes no further", () => {
    const error = new Error("round");
    error.cause = new Error("and round", { cause: error });
    let depth = 0;
    for (let at = summarizeError(error).cause; at !== undefined; at = at.cause) depth++;
    expect(depth).toBe(5);
  });

  it("makes half a character at the cut well-formed", () => {
    expectStorable(new Error("\u{1F600}".repeat(2_000)));
    expectStorable("\ud800");
  });

  it.each(Object.keys(hostile))("bears %s", (name) => expectStorable(hostile[name]));

  it("bears anything", () => {
    fc.assert(fc.property(fc.anything(), (thrown) => expectStorable(thrown)));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.anything(), (message, cause) =>
        expectStorable(new Error(message, { cause })),
      ),
    );
  });
});
