import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { runAsJob, TestJobs } from "firelater/testing";
import { provider } from "./mail.ts";
import { importPages } from "./pages.ts";
import { jobs, signUp } from "./sign-up.ts";

let app: TestJobs<typeof jobs>;
const send = mock.method(provider, "send", async () => "message 1");

beforeEach(() => {
  app = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z", logger: false });
  send.mock.resetCalls();
});
afterEach(() => app.close());

const sent = () => send.mock.calls.map((call) => call.arguments.join(": "));

test("signing up enqueues a welcome now and a reminder for later", async () => {
  await signUp(app.client, "ann@example.com");

  app.assertEnqueued((j) => j.mail.welcome("ann@example.com"), { queue: "critical", count: 1 });
  app.assertEnqueued((j) => j.mail.remind, { in: "3d" });
  app.assertNotEnqueued((j) => j.mail.digest);
  assert.deepEqual(sent(), []);
});

test("the welcome goes out at once, the reminder three days later", async () => {
  const welcomed = await signUp(app.client, "ann@example.com");

  const { succeeded } = await app.drain();
  assert.equal(succeeded, 1);
  assert.deepEqual(sent(), ["ann@example.com: Welcome!"]);
  assert.deepEqual(await app.result(welcomed), { messageId: "message 1" });

  await app.advance("3d");
  assert.deepEqual(sent().slice(1), ["ann@example.com: You have not confirmed yet."]);
});

test("while the provider is down the welcome is tried again", async () => {
  send.mock.mockImplementationOnce(async () => {
    throw new Error("no route to host");
  });
  await signUp(app.client, "ann@example.com");
  const { errors, retried } = await app.drain();
  assert.equal(retried, 1);
  assert.match(String(errors[0]), /no route to host/);
  assert.equal((await app.advance("10s")).succeeded, 1);
});

test("a failed assertion shows what was enqueued instead", async () => {
  await signUp(app.client, "ann@example.com");
  assert.throws(
    () => app.assertEnqueued((j) => j.mail.welcome("bob@example.com")),
    /arguments\[0\] is "ann@example.com", not "bob@example.com"/,
  );
});

test("inline, a job runs inside the call that enqueues it", async () => {
  await using inline = new TestJobs({ jobs, inline: true });
  await signUp(inline.client, "ann@example.com");
  assert.deepEqual(sent(), ["ann@example.com: Welcome!"]);
});

test("a function that uses currentJob, without any job set", async () => {
  const { result, parameters } = await runAsJob(() => importPages(async (page) => [`row of ${page}`]));
  assert.equal(result, 3);
  assert.deepEqual(parameters, { page: 4 });
});

test("faked timers of node:test go along with the clock", async (t) => {
  t.mock.timers.enable();
  const onTime = (now: Date) => t.mock.timers.setTime(now.getTime());
  await using faked = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z", onTime });
  send.mock.mockImplementationOnce(async () => new Date().toISOString());
  const welcomed = await signUp(faked.client, "ann@example.com");
  await faked.advance("1h");
  assert.deepEqual(await faked.result(welcomed), { messageId: "2026-03-01T09:00:00.000Z" });
  assert.equal(Date.now(), Date.parse("2026-03-01T10:00:00Z"));
});
