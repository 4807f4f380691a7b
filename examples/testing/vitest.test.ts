import { runAsJob, TestJobs } from "firelater/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { provider } from "./mail.ts";
import { importPages } from "./pages.ts";
import { jobs, signUp } from "./sign-up.ts";

let app: TestJobs<typeof jobs>;
const send = vi.spyOn(provider, "send");

beforeEach(() => {
  app = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z", logger: false });
  send.mockReset().mockResolvedValue("message 1");
});
afterEach(() => app.close());

test("signing up enqueues a welcome now and a reminder for later", async () => {
  await signUp(app.client, "ann@example.com");

  app.assertEnqueued((j) => j.mail.welcome("ann@example.com"), { queue: "critical", count: 1 });
  app.assertEnqueued((j) => j.mail.remind(expect.stringContaining("@")), { in: "3d" });
  app.assertNotEnqueued((j) => j.mail.digest);
  expect(app.enqueued((j) => j.mail.welcome)[0]?.arguments).toEqual(["ann@example.com"]);
  expect(send).not.toHaveBeenCalled();
});

test("the welcome goes out at once, the reminder three days later", async () => {
  const welcomed = await signUp(app.client, "ann@example.com");

  expect(await app.drain()).toMatchObject({ succeeded: 1, failed: 0 });
  expect(send).toHaveBeenCalledExactlyOnceWith("ann@example.com", "Welcome!");
  expect(await app.result(welcomed)).toEqual({ messageId: "message 1" });

  await app.advance("2d");
  expect(send).toHaveBeenCalledTimes(1);
  await app.advance("1d");
  expect(send).toHaveBeenLastCalledWith("ann@example.com", "You have not confirmed yet.");
});

describe("while the provider is down", () => {
  beforeEach(() => void send.mockRejectedValue(new Error("no route to host")));

  test("the welcome is tried again, twice", async () => {
    const welcomed = await signUp(app.client, "ann@example.com");
    const { retried, failed, errors } = await app.advance("5m");
    expect({ retried, failed }).toEqual({ retried: 2, failed: 1 });
    expect(errors[0]).toEqual(new Error("no route to host"));
    expect((await app.get(welcomed))?.state).toBe("Failed");
  });

  test("and goes out once it is back", async () => {
    await signUp(app.client, "ann@example.com");
    await app.drain();
    send.mockResolvedValue("message 2");
    expect((await app.advance("10s")).succeeded).toBe(1);
  });
});

test("one job by itself: its arguments and its result are stored and read on the way", async () => {
  const { messageId } = await app.perform((j) => j.mail.welcome("ann@example.com"));
  expect(messageId).toBe("message 1");

  send.mockRejectedValue(new Error("mailbox full"));
  await expect(app.perform((j) => j.mail.welcome("bob@example.com"))).rejects.toThrow("mailbox full");
});

test("the digest goes out on working days, at nine in Paris, also when the clocks change", async () => {
  await app.recurring.addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt), "0 9 * * MON-FRI", {
    timeZone: "Europe/Paris",
  });
  await app.advance(new Date("2026-04-01T00:00:00Z"));
  const times = app.enqueued((j) => j.mail.digest).map(({ enqueuedAt }) => enqueuedAt.toISOString());
  expect(times).toHaveLength(22);
  expect(times[0]).toBe("2026-03-02T08:00:00.000Z");
  expect(times.at(-1)).toBe("2026-03-31T07:00:00.000Z");
});

test("inline, a job runs inside the call that enqueues it", async () => {
  await using inline = new TestJobs({ jobs, inline: true });
  await signUp(inline.client, "ann@example.com");
  expect(send).toHaveBeenCalledTimes(1);
});

test("a function that uses currentJob, without any job set", async () => {
  const fetchPage = vi.fn(async (page: number) => [`row of ${page}`]);
  const { result, logs, progress, parameters } = await runAsJob(() => importPages(fetchPage), {
    attempt: 2,
    parameters: { page: 2 },
  });
  expect(result).toBe(2);
  expect(logs).toEqual([
    { text: "imported", data: { page: 2 } },
    { text: "imported", data: { page: 3 } },
  ]);
  expect(progress.at(-1)?.value).toBe(100);
  expect(parameters).toEqual({ page: 4 });
});

test("faked timers of Vitest go along with the clock", async () => {
  vi.useFakeTimers();
  try {
    await using faked = new TestJobs({
      jobs,
      now: "2026-03-01T09:00:00Z",
      onTime: (now) => vi.setSystemTime(now),
    });
    send.mockImplementation(async () => new Date().toISOString());
    const welcomed = await signUp(faked.client, "ann@example.com");
    await faked.advance("1h");
    expect(await faked.result(welcomed)).toEqual({ messageId: "2026-03-01T09:00:00.000Z" });
    expect(new Date()).toEqual(new Date("2026-03-01T10:00:00Z"));
  } finally {
    vi.useRealTimers();
  }
});
