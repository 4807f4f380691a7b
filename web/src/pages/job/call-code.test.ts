import { describe, expect, it } from "vitest";
import type { ShownJson } from "../../../../src/dashboard/api/index.ts";
import { callCode } from "./call-code.ts";

const job = (value: ShownJson, part: { name?: string; priority?: number; cut?: boolean } = {}) =>
  callCode({
    ...{ name: part.name ?? "mail.welcome", queue: "default", priority: part.priority ?? 0 },
    arguments: {
      ...{ chars: 1, text: "", cut: part.cut ?? false, value },
      ...{ unreadable: false, redacted: false, editable: true },
    },
  });

/** What the code calls the recorder with. */
function run(code: string | undefined): unknown[] {
  const client = {
    enqueue: (lambda: (j: unknown, job: unknown) => unknown) => lambda(recorder, { dueAt: 7 }),
  };
  const recorder = { mail: { welcome: (...args: unknown[]) => args } };
  const made = new Function("client", `return ${code?.replace(/^await /, "")}`)(client);
  return Array.isArray(made) ? made : [];
}

describe("a call as code", () => {
  it("is what people would write", () => {
    expect(job(["ada@example.com", { locale: "fr", "a-b": [1, null] }], { priority: 5 })).toBe(
      'await client.enqueue((j) => j.mail.welcome("ada@example.com", { locale: "fr", "a-b": [1, null] }), { queue: "default", priority: 5 });',
    );
    expect(job([], { name: "sweep" })).toContain("j.sweep()");
  });

  it("says all values that can be stored", () => {
    const args = run(
      job([
        { $date: "2026-01-31T09:00:00.000Z" },
        { $bigint: "12" },
        { $number: "-0" },
        { $undefined: true },
        { $url: "https://example.com/a" },
        { $regexp: ["a/b", "i"] },
        { $map: [["a", { $set: [1] }]] },
        { $object: { $date: "x" } },
        { $placeholder: "job.dueAt" },
      ]),
    );
    expect(args).toEqual([
      new Date("2026-01-31T09:00:00.000Z"),
      12n,
      -0,
      undefined,
      new URL("https://example.com/a"),
      /a\/b/i,
      new Map([["a", new Set([1])]]),
      { $date: "x" },
      7,
    ]);
  });

  it("is never more than the call, whatever the job holds", () => {
    const nasty = '"); process.exit(1); ("\u202e\u0000\u2028`$' + "{1}`";
    const value = JSON.parse('{"__proto__": {"polluted": true}}');
    const [text, plain] = run(job([nasty, value]));
    expect(text).toBe(nasty);
    expect(plain).toEqual(value);
    expect(job([nasty])).not.toContain("\u202e");
    expect(job([], { name: 'mail.x"](); evil(' })).toContain('j.mail["x\\"](); evil("]()');
  });

  it.each<readonly [string, ShownJson]>([
    ["what is cut", [{ $cut: 12 }]],
    ["bytes", [{ $bytes: ["Buffer", 3] }]],
    ["the result of a parent", [{ $placeholder: "parent.result" }]],
    ["a number that is none", [{ $number: "alert(1)" }]],
    ["no list", "text"],
  ])("is nothing for %s", (_, value) => {
    expect(job(value)).toBeUndefined();
  });

  it("is nothing for arguments that are not known whole", () => {
    expect(job(["a"], { cut: true })).toBeUndefined();
    expect(callCode({ name: "a.b", queue: "q", priority: 0, arguments: null })).toBeUndefined();
  });
});
