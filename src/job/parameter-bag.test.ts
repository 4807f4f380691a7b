import { describe, expect, it } from "vitest";
import { PARAMETER_CHARS } from "../storage/index.ts";
import { ParameterBag } from "./parameter-bag.ts";

const refused = (text: string) =>
  expect.objectContaining({ code: "FL_INVALID_PARAMETER", message: expect.stringContaining(text) });

describe("ParameterBag", () => {
  it("reads what is stored, and says nothing was changed", () => {
    const bag = new ParameterBag('{"tenant":"acme","tries":[1,2]}');
    expect(bag.names()).toEqual(["tenant", "tries"]);
    expect(bag.get("tenant")).toBe("acme");
    expect(bag.get("tries")).toEqual([1, 2]);
    expect(bag.get("constructor")).toBeUndefined();
    expect(bag.changedText).toBeUndefined();
  });

  it("gives the whole text when something was changed, and tells of each change", () => {
    let changes = 0;
    const bag = new ParameterBag('{"a":1,"b":2}', () => changes++);
    bag.set("c", { deep: [null] });
    bag.delete("a");
    bag.delete("nobody");
    expect(changes).toBe(2);
    expect(bag.changedText).toBe('{"b":2,"c":{"deep":[null]}}');
    expect(new ParameterBag(bag.changedText ?? null).get("c")).toEqual({ deep: [null] });
  });

  it("is an empty object when the last one is deleted: null would leave what is stored", () => {
    const bag = new ParameterBag('{"a":1}');
    bag.delete("a");
    expect(bag.changedText).toBe("{}");
  });

  it("keeps the value of that moment, and gives a copy that is the reader's own", () => {
    const bag = new ParameterBag(null);
    const list = ["a"];
    bag.set("list", list);
    list.push("b");
    expect(bag.get("list")).toEqual(["a"]);
    const read = bag.get("list");
    if (Array.isArray(read)) read.push("c");
    expect(bag.get("list")).toEqual(["a"]);
    bag.set("other", 1);
    expect(bag.changedText).toBe('{"list":["a"],"other":1}');
  });

  it("gives what JSON makes of a value at once, not only when it is read from the store", () => {
    const bag = new ParameterBag(null);
    bag.set("at", new Date(0));
    expect(bag.get("at")).toBe("1970-01-01T00:00:00.000Z");
  });

  it("takes names that objects have already", () => {
    const bag = new ParameterBag(null);
    bag.set("__proto__", 1);
    bag.set("constructor", 2);
    const again = new ParameterBag(bag.changedText ?? null);
    expect(again.names()).toEqual(["__proto__", "constructor"]);
    expect(again.get("__proto__")).toBe(1);
    expect(again.get("toString")).toBeUndefined();
  });

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a bigint", 1n],
    ["a circle", circle],
  ])("refuses %s, and changes nothing", (_, value) => {
    const bag = new ParameterBag('{"a":1}');
    expect(() => bag.set("b", value)).toThrow(refused('Cannot set the parameter "b"'));
    expect(bag.names()).toEqual(["a"]);
    expect(bag.changedText).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["an empty name", ""],
    ["a long name", "x".repeat(101)],
    ["a name that is no text", 7],
  ])("refuses %s", (_, name) => {
    expect(() => Reflect.apply(ParameterBag.prototype.set, new ParameterBag(null), [name, 1])).toThrow(
      refused("1 to 100 characters"),
    );
  });

  it("takes exactly as much as a row may hold, names and all", () => {
    const bag = new ParameterBag(null);
    const room = PARAMETER_CHARS - '{"a":""}'.length;
    bag.set("a", "x".repeat(room));
    expect(bag.changedText).toHaveLength(PARAMETER_CHARS);
    expect(() => bag.set("a", "x".repeat(room + 1))).toThrow(refused("20001 characters"));
    expect(() => bag.set("b", 1)).toThrow(refused("bounded to 20000 characters"));
    expect(bag.names()).toEqual(["a"]);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[1]"],
    ["null", "null"],
    ["a text", '"a"'],
  ])("takes a stored text that is %s for none: no job is lost for it", (_, text) => {
    const bag = new ParameterBag(text);
    expect(bag.names()).toEqual([]);
    bag.set("a", 1);
    expect(bag.changedText).toBe('{"a":1}');
  });
});
