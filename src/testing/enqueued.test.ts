import { AssertionError } from "node:assert";
import { defineJobs, type JobId } from "firelater";
import { TestJobs } from "firelater/testing";
import { beforeEach, describe, expect, it } from "vitest";

const mail = {
  welcome: (to: string): { sent: boolean } => ({ sent: to !== "" }),
  digest: (to: readonly string[], options: { from: Date; html?: boolean | undefined }) => void [to, options],
  remind: (id: string, at: Date) => void [id, at],
};
const jobs = defineJobs(
  { mail, tidy: (days?: number) => void days },
  { mail: { welcome: { queue: "critical", tags: ["to:{0}"], displayName: "Welcome {0}" } } },
);
let app: TestJobs<typeof jobs>;

beforeEach(() => {
  app = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z" });
});

function messageOf(assertion: () => unknown): string {
  try {
    assertion();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("enqueued", () => {
  it("gives jobs as they were enqueued, whatever became of them, with typed arguments", async () => {
    const id = await app.client.enqueue((j) => j.mail.welcome("ann"), { priority: 3, parameters: { a: 1 } });
    await app.client.delay((j) => j.tidy(3), "1h");
    await app.drain();
    const [job, ...others] = app.enqueued((j) => j.mail.welcome);
    expect(others).toEqual([]);
    const [to]: [string] | [] = job?.arguments ?? [];
    const known: JobId<{ sent: boolean }> | undefined = job?.id;
    expect({ to, known }).toEqual({ to: "ann", known: id });
    expect(job).toEqual({
      id,
      name: "mail.welcome",
      displayName: "Welcome ann",
      arguments: ["ann"],
      queue: "critical",
      priority: 3,
      tags: ["to:ann"],
      parameters: { a: 1 },
      enqueuedAt: new Date("2026-03-01T09:00:00Z"),
      dueAt: null,
      after: [],
    });
    expect(app.enqueued().map(({ name }) => name)).toEqual(["mail.welcome", "tidy"]);
    expect(app.enqueued((j) => j.tidy)[0]?.dueAt).toEqual(new Date("2026-03-01T10:00:00Z"));
    expect(app.enqueued((j) => j.mail.welcome, { queue: "default" })).toEqual([]);
  });

  it("counts a job once that was enqueued twice under one id", async () => {
    const id = "01970000-0000-7000-8000-000000000000";
    for (let time = 0; time < 2; time++) await app.client.enqueue((j) => j.tidy(1), { id });
    app.assertEnqueued((j) => j.tidy, { count: 1 });
  });

  it("compares arguments by value, with matchers and placeholders among them", async () => {
    const from = new Date(5);
    await app.client.enqueue((j) => j.mail.digest(["a", "b"], { from, html: undefined }));
    await app.client.enqueue((j, job) => j.mail.remind(job.id, job.dueAt));
    await app.client.enqueue((j) => j.tidy());
    app.assertEnqueued((j) => j.mail.digest(["a", "b"], { from: new Date(5) }));
    app.assertEnqueued((j) => j.mail.digest(expect.arrayContaining(["b"]), expect.anything()));
    app.assertEnqueued((j) => j.mail.digest(["a", expect.any(String)], expect.objectContaining({ from })));
    app.assertEnqueued((j, job) => j.mail.remind(job.id, job.dueAt));
    app.assertEnqueued((j) => j.tidy(undefined));
    app.assertNotEnqueued((j) => j.tidy(0));
    app.assertNotEnqueued((j) => j.mail.digest(["a"], { from }));
    app.assertNotEnqueued((j) => j.mail.digest(["a", "b"], { from, html: true }));
  });

  it("finds continuations, and jobs of jobs and of recurring jobs", async () => {
    const parent = await app.client.enqueue((j) => j.mail.welcome("ann"));
    await app.client.continueWith(parent, (j) => j.tidy(1));
    app.assertEnqueued((j) => j.tidy(1), { after: parent });
    app.assertNotEnqueued((j) => j.tidy(1), { after: "another" });
    await app.recurring.addOrUpdate("tidy", (j) => j.tidy(2), "0 10 * * *");
    await app.advance("1h");
    app.assertEnqueued((j) => j.tidy(2), { count: 1 });
  });

  it("refuses misspelt jobs and conditions", () => {
    const misspelt = () => {
      // @ts-expect-error there is no such job
      app.enqueued((j) => j.mail.welcom);
    };
    expect(misspelt).toThrow(/Did you mean "mail.welcome"\?/);
    // @ts-expect-error there is no such condition
    expect(() => app.assertEnqueued((j) => j.tidy, { que: "x" })).toThrow(
      expect.objectContaining({ code: "FL_INVALID_OPTIONS" }),
    );
    expect(() => app.assertEnqueued((j) => j.tidy, { count: 0 })).toThrow(/assertNotEnqueued/);
    // @ts-expect-error the real function is no job
    expect(() => app.enqueued(() => mail.welcome("x"))).toThrow(
      expect.objectContaining({ code: "FL_NO_CALL" }),
    );
  });
});

describe("what a failed assertion says", () => {
  it("what was enqueued instead, and how it differs", async () => {
    await app.client.enqueue((j) => j.tidy(3));
    await app.client.delay((j) => j.mail.welcome("bob@example.com"), "90m", { priority: 2 });
    const message = messageOf(() =>
      app.assertEnqueued((j) => j.mail.welcome("ann@example.com"), { queue: "mail", in: "1h" }),
    );
    expect(message).toBe(`No job like mail.welcome("ann@example.com") was enqueued.

What was enqueued:
  mail.welcome("bob@example.com"), queue "critical", priority 2, tags to:bob@example.com, due in 1h 30m
    ↳ arguments[0] is "bob@example.com", not "ann@example.com"
    ↳ queue is "critical", not "mail"
    ↳ it was due in 1h 30m, not in 1h
  tidy(3)`);
  });

  it("that nothing was, how many were, and which", async () => {
    expect(messageOf(() => app.assertEnqueued((j) => j.tidy))).toBe(
      "No job like tidy was enqueued.\n\nNothing was enqueued at all.",
    );
    await app.client.enqueueMany((j) => Array.from({ length: 12 }, (_, n) => j.tidy(n)));
    expect(messageOf(() => app.assertEnqueued((j) => j.tidy, { count: 2 }))).toMatch(
      /^Expected 2 jobs like tidy, but 12 were enqueued\.\n.*\n {2}tidy\(9\)\n {2}… and 2 more$/s,
    );
    expect(messageOf(() => app.assertNotEnqueued((j) => j.tidy(7)))).toBe(
      "Expected no job like tidy(7), but one was enqueued:\n  tidy(7)",
    );
    expect(messageOf(() => app.assertNothingEnqueued())).toMatch(
      /^Expected that nothing was enqueued, but 12 jobs were:\n {2}tidy\(0\)\n/,
    );
  });

  it("names matchers and times", async () => {
    await app.client.enqueue((j) => j.tidy(1));
    expect(messageOf(() => app.assertEnqueued((j) => j.mail.welcome(expect.any(String))))).toMatch(
      /mail\.welcome\(Any<String>\)/,
    );
    expect(messageOf(() => app.assertEnqueued((j) => j.tidy, { at: "2026-03-02T00:00:00Z" }))).toMatch(
      /it was due at once, not 2026-03-02T00:00:00.000Z/,
    );
  });

  it("where: its stack begins in the test", () => {
    try {
      app.assertEnqueued((j) => j.tidy);
    } catch (error) {
      expect(String(error instanceof Error && error.stack).split("\n    at ")[1]).toContain(
        "enqueued.test.ts",
      );
    }
    expect.assertions(1);
  });
});
