import { expect, test } from "vitest";
import { parseNotification, toNotification } from "./notification.ts";

test("signals come over as they were told, and not to who told them", () => {
  const signals = [
    { kind: "ready", queues: ["a", "ü"] },
    { kind: "due", at: 5 },
    { kind: "recurring", at: 6 },
    { kind: "finished" },
    { kind: "parked" },
    { kind: "released" },
    { kind: "changed" },
  ] as const;
  const text = toNotification("one", signals);
  expect(parseNotification("two", text)).toEqual(signals);
  expect(parseNotification("one", text)).toEqual([]);
});

test("more than PostgreSQL takes is told as a change, and stays short", () => {
  const queues = Array.from({ length: 1_000 }, (_, nth) => `queue-${nth}`);
  const text = toNotification("one", [{ kind: "ready", queues }]);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000);
  expect(parseNotification("two", text)).toEqual([{ kind: "changed" }]);
});

test.each([
  "",
  "no JSON",
  "5",
  '["two",{"kind":"of a later version"}]',
  '["two",{"kind":"due","at":"soon"}]',
  '["two",null]',
])("what cannot be read is a change of some sort: %s", (text) => {
  expect(parseNotification("one", text)).toEqual([{ kind: "changed" }]);
});
