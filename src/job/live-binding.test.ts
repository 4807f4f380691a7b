import { expect, test } from "vitest";
import { isLiveBinding } from "./live-binding.ts";

// Written as text: a formatter or a compiler must not change the very thing under test.
const getter = (source: string): (() => unknown) => new Function(`return ${source}`)();
const welcome = (): void => {};

test.each([
  "() => welcome",
  "()=>r",
  "() => mail.welcome",
  "() => (/* binding */ welcome)",
  "() => /* reexport safe */ a.b",
  "function(){return r}",
  "function () { return welcome; }",
  "function get() { return welcome; }",
  "Object.getOwnPropertyDescriptor({ get() { return welcome; } }, 'get').value",
])("a bundler's %s is a variable", (source) => {
  expect(isLiveBinding({}, getter(source))).toBe(true);
});

test.each([
  "() => load()",
  "() => (a, b)",
  "() => (load)()",
  "() => (this.x.y)",
  "() => (count++, count)",
  "() => new Thing",
  "() => a.b.c",
  "() => x = 1",
  "() => a[b]",
  "() => `x`",
  "() => import('x')",
  "function () { log(); return x }",
  "function () { return x() }",
  "(a = boom()) => a",
  "async () => x",
  "Object.getOwnPropertyDescriptor({ get a() { return this.b } }, 'a').get",
])("a user's %s is never run", (source) => {
  expect(isLiveBinding({}, getter(source))).toBe(false);
});

test("what is tagged as a module is one; a missing getter is none", () => {
  const module = Object.defineProperty({}, Symbol.toStringTag, { value: "Module" });
  expect(isLiveBinding(module, () => [welcome()][0])).toBe(true);
  expect(isLiveBinding({}, undefined)).toBe(false);
});
