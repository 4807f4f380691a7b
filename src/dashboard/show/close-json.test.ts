import fc from "fast-check";
import { expect, test } from "vitest";
import { closeJson } from "./close-json.ts";

test.each([
  ['{"at":1,"reason":"a b","duration":12', { at: 1, reason: "a b" }],
  [
    '{"at":1,"error":{"type":"E","message":"m","stack":"E: m\\n at',
    { at: 1, error: { type: "E", message: "m" } },
  ],
  ['{"at":1,"list":[1,[2,3', { at: 1, list: [1, [2]] }],
  ['{"at":1,"text":"}{][,\\"', { at: 1 }],
  ['{"at":1,"text":"\\\\","more":tr', { at: 1, text: "\\" }],
  ['{"at":1,"o":{', { at: 1, o: {} }],
])("of %s what is whole stays", (beginning, whole) => {
  expect(JSON.parse(closeJson(beginning))).toEqual(whole);
});

test("wherever an object is cut, what is left of it is as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (members, at) => {
      const text = JSON.stringify({ first: 1, ...members });
      const left: unknown = JSON.parse(closeJson(text.slice(0, 1 + (at % text.length))));
      expect(isPartOf(left, JSON.parse(text))).toBe(true);
    }),
  );
});

function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part !== "object" || part === null) return Object.is(part, whole);
  if (typeof whole !== "object" || whole === null || Array.isArray(part) !== Array.isArray(whole))
    return false;
  return Object.entries(part).every(([key, value]) => isPartOf(value, Reflect.get(whole, key)));
}
