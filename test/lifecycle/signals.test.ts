import { describe, expect, test } from "vitest";
import { Child } from "./child.ts";
import type { SignalledMessage } from "./programs/signalled-server.ts";
import { Workbench } from "./workbench.ts";

const program = new URL("./programs/signalled-server.ts", import.meta.url);
const start = (bench: Workbench, application = "") =>
  new Child<SignalledMessage>(program, [bench.file, application]);

/** The one job of the program, as it stands. */
async function leftBehind(bench: Workbench) {
  const counts = await bench.storage.counts();
  const { rows } = await bench.storage.list({ state: "Enqueued", limit: 10 });
  return { counts, job: rows[0], servers: await bench.storage.servers() };
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("gives running jobs back at once, and ends the process as if nobody had listened", async () => {
    await using bench = await Workbench.onSqlite();
    await using child = start(bench);
    await child.hears((message) => message === "running");
    child.kill(signal);
    expect(await child.exited).toEqual({ code: null, signal });
    expect(child.messages).toContain("aborted");
    const { job, counts, servers } = await leftBehind(bench);
    expect(job).toMatchObject({ failures: 0, crashes: 0, seq: 1 });
    expect(counts).toMatchObject({ Enqueued: 1, Processing: 0 });
    expect(servers).toEqual([]);
  });
});

test("two servers in one process both drain before the signal takes effect", async () => {
  await using bench = await Workbench.onSqlite();
  await using child = start(bench, "two servers");
  await child.hears((message) => message === "running");
  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ code: null, signal: "SIGTERM" });
  const { counts, servers } = await leftBehind(bench);
  expect(counts).toMatchObject({ Enqueued: 1, Processing: 0 });
  expect(servers).toEqual([]);
});

test("an application that listens itself decides when the process ends", async () => {
  await using bench = await Workbench.onSqlite();
  await using child = start(bench, "listens");
  await child.hears((message) => message === "running");
  child.kill("SIGTERM");
  await child.hears((message) => message === "application heard");
  await child.hears((message) => message === "stopped");
  expect(child.isRunning).toBe(true);
  child.send("end");
  expect(await child.exited).toEqual({ code: 7, signal: null });
});

test("signals: false leaves them alone", async () => {
  await using bench = await Workbench.onSqlite();
  await using child = start(bench, "signals: false");
  await child.hears((message) => message === "running");
  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ code: null, signal: "SIGTERM" });
  expect(child.messages).toEqual(["running"]);
});

test("a second signal during the drain ends the process at once", async () => {
  await using bench = await Workbench.onSqlite();
  await using child = start(bench, "deaf job");
  await child.hears((message) => message === "running");
  child.kill("SIGINT");
  await child.hears((message) => message === "aborted");
  child.kill("SIGINT");
  expect(await child.exited).toEqual({ code: null, signal: "SIGINT" });
  expect(child.messages).not.toContain("stopped");
  expect((await leftBehind(bench)).counts).toMatchObject({ Processing: 1 });
});
