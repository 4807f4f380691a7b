import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect } from "vitest";
import { must } from "./run.ts";

const MAKE = `import { BackgroundJobClient, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
const storage = new SqliteStorage("jobs.db");
const client = new BackgroundJobClient({ storage, jobs: defineJobs({ console }) });
await client.enqueue((j) => j.console.log("Easy!"));
await client.close();
await storage.close();
`;

/** Serves the dashboard as a user of this Node would, by npx, and asks it; a project without pg is told to install it. */
export async function runCli(node: string, project: string): Promise<void> {
  writeFileSync(join(project, "make.mjs"), MAKE);
  await must(node, ["make.mjs"], project);
  const served = await startNpx(node, project, ["--storage", "jobs.db", "--port", "0"]);
  try {
    const page = await (await fetch(served.url)).text();
    expect(page).toContain('<div id="root">');
    const jobs = await (await fetch(`${served.url}api/jobs?state=Enqueued`)).json();
    expect(jobs).toMatchObject({ rows: [{ name: "console.log" }] });
    const meta = await (await fetch(`${served.url}api/meta`)).json();
    expect(meta).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  } finally {
    await served.end();
  }
  const lacking = must(node, [PROGRAM, "dashboard", "--storage", "postgres://127.0.0.1:1/app"], project);
  await expect(lacking).rejects.toThrow(/npm install pg.*FL_DRIVER_MISSING/s);
}

const PROGRAM = "node_modules/firelater/dist/cli/main.js";

interface Served {
  readonly url: string;
  readonly end: () => Promise<void>;
}

async function startNpx(node: string, project: string, args: readonly string[]): Promise<Served> {
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter), NO_COLOR: "1" };
  // A group of its own: npx puts a shell between, which passes no signal on.
  const child = spawn("npx", ["firelater", "dashboard", ...args], {
    ...{ cwd: project, env, detached: true },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  const end = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  try {
    return { url: await urlOf(child, ended), end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function urlOf(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  for (;;) {
    const [, url] = /^ {2}(http:\S+\/)$/m.exec(output) ?? [];
    if (url !== undefined) return url;
    const heard = [child.stdout, child.stderr].map((stream) =>
      once(stream ?? child, "data").then(() => true),
    );
    if (!(await Promise.race([...heard, ended.then(() => false)])))
      throw new Error(`it has ended:\n${output}`);
  }
}
