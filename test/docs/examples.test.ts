import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { killPrograms, Program } from "./program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "firelater-examples-"));
});
afterEach(async () => {
  await killPrograms();
  rmSync(folder, { recursive: true, force: true });
});

const start = (file: string, env?: NodeJS.ProcessEnv) => new Program(`examples/${file}`, folder, [], env);

it("hello: runs a job, is alive after two seconds, ends soon by SIGINT", async () => {
  const hello = start("hello/main.ts");
  await Promise.all([hello.until((output) => output.includes("Easy!")), setTimeout(2_000)]);
  expect(hello.output).toBe("Easy!\n");
  expect(hello.isRunning).toBe(true);

  hello.kill("SIGINT");
  // It takes some 20 ms; the bound is for busy machines, and below the shutdownTimeout of 15 s.
  const ended = await Promise.race([hello.end(), setTimeout(5_000, "still running")]);
  expect(ended).toBe("SIGINT");
});

it("hello is the very program that the README opens with", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(readFileSync("examples/hello/main.ts", "utf8"));
});

it("console-app: waits for its result and ends", async () => {
  const app = start("console-app/main.ts");
  expect(await app.end(), app.output).toBe(0);
  expect(app.output).toBe("There are 78498 primes below a million.\n");
});

it("service: a worker performs what a producer enqueues, and ends by SIGTERM", async () => {
  const producer = start("service/producer.ts");
  await producer.until((output) => output.includes("enqueued"));
  const worker = start("service/worker.ts");
  expect(await producer.end(), producer.output).toBe(0);
  expect(producer.output).toMatch(/^made cat-320\.webp$/m);

  worker.kill("SIGTERM");
  expect(await worker.end(), worker.output).toBe("SIGTERM");
});

it("observability: prints what events, channels and spans tell, and ends", async () => {
  const app = start("observability/main.ts");
  expect(await app.end(), app.output).toBe(0);
  const { output } = app;
  expect(output).toContain("event: mail.welcome is Enqueued\n");
  expect(output).toMatch(/^event: mail\.welcome has succeeded in \d+ ms$/m);
  expect(output).toMatch(/channel: \{[^}]*name: 'mail\.welcome'[^}]*\}/);
  const [, call] = /^span: send mail\.welcome \((\w+)\)$/m.exec(output) ?? [];
  const [, run, link] = /^span: process mail\.welcome \((\w+)\), linked to (\w+)$/m.exec(output) ?? [];
  expect(link).toBe(call);
  expect(output).toMatch(new RegExp(`^span: render \\(\\w+\\), inside ${run}$`, "m"));
});

it("web-app: a request enqueues, its job succeeds, and the app shuts down in order", async () => {
  const port = await freePort();
  const app = start("web-app/main.ts", { PORT: String(port) });
  await app.until((output) => output.includes("try it"));
  const url = `http://localhost:${port}`;

  const accepted = await fetch(`${url}/welcome?to=you`, { method: "POST" });
  expect(accepted.status).toBe(202);
  const { see = "" } = await readBody(accepted);
  await expect.poll(() => fetch(url + see).then(readBody)).toMatchObject({ state: "Succeeded" });
  expect(await fetch(url + see).then(readBody)).toMatchObject({ attempt: 1, result: "Welcome, you!" });

  const missing = "00000000-0000-7000-8000-000000000000";
  expect((await fetch(`${url}/jobs/${missing}`)).status).toBe(404);
  expect((await fetch(`${url}/jobs/nonsense`)).status).toBe(404);
  expect((await fetch(`${url}/welcome`, { method: "POST" })).status).toBe(400);

  app.kill("SIGTERM");
  expect(await app.end(), app.output).toBe(0);
});

it("filters: tenants come over, an error is reported once, maintenance puts a job off", async () => {
  const app = start("filters/main.ts");
  expect(await app.end(), app.output).toBe(0);
  const lines = app.output.split("\n").filter((line) => line !== "" && !line.startsWith("firelater: "));
  const reports = lines.filter((line) => line.startsWith("report:"));
  expect(reports).toEqual(["report: invoices.print threw Error: no paper for invoice 3"]);
  expect(lines.filter((line) => !reports.includes(line))).toEqual([
    "invoice 1 of acme",
    "invoice 2 of umbrella",
    "FL_JOB_FAILED",
    "50 transferred",
    "Enqueued, Processing, Scheduled: Under maintenance, Enqueued: Its time has come, Processing, Succeeded",
  ]);
});

it("testing: the suite for node:test passes, and its process ends by itself", async () => {
  const suite = join(import.meta.dirname, "../../examples/testing/node-test.ts");
  const args = ["-C", "firelater-source", "--test", "--test-reporter", "tap", suite];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, timeout: 20_000 });
  expect(stdout).toMatch(/^# pass 7$/m);
});

async function readBody(response: Response): Promise<{ readonly see?: string }> {
  return JSON.parse(await response.text());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
