import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newId, parseId } from "./ids.ts";

describe("newId", () => {
  it("makes UUIDs of version 7 that hold their millisecond and sort by it", () => {
    const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const id = newId(at);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(at);
    expect(newId(at + 1) > id).toBe(true);
  });

  it("makes no id twice, also where its pool of random bytes is refilled", () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => newId(1)));
    expect(ids.size).toBe(20_000);
  });
});

describe("parseId", () => {
  it("takes a UUID of any version, in lower case", () => {
    fc.assert(fc.property(fc.uuid(), (id) => parseId(id.toUpperCase()) === id));
  });

  it.each<unknown>([
    undefined,
    null,
    5,
    {},
    "",
    "x",
    "not-a-uuid",
    `${newId()}0`,
    newId().replaceAll("-", ""),
    ` ${newId()}`,
  ])("refuses %j", (text) => expect(parseId(text)).toBeUndefined());
});
