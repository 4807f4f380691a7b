import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BackgroundJobServer, defineJobs } from "firelater";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Child } from "./child.ts";
import type { ForbiddenMessage } from "./programs/forbidden-threads.ts";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, Workbench } from "./workbench.ts";

const SOURCES = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
const MEMORY = JSON.stringify(new URL("../../src/drivers/memory/index.ts", import.meta.url).href);
const defined = `import { defineJobs } from ${SOURCES};\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firelater-modules-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function moduleOf(name: string, text: string): Promise<URL> {
  const file = join(folder, name);
  await writeFile(file, text);
  return pathToFileURL(file);
}

describe("a server whose threads cannot load their module does not start, and says why", () => {
  const needy = "class Needy { constructor(a) {} run() {} }\n";
  test.each([
    ["is not there", undefined, /missing\.ts/],
    ["throws", 'throw new Error("no database");\n', /no database/],
    ["does not parse", "export const = 1;\n", /could not load/],
    ["ends its thread", "process.exit(4);\n", /exit code 4/],
    ["never loads", "await new Promise(() => {});\n", /exit code/],
    ["exports no jobs", "export const other = 1;\n", /exports no `jobs`/],
    ["exports something else as jobs", "export const jobs = { a() {} };\n", /defineJobs/],
    [
      "exports an activate that is no function",
      `${defined}export const jobs = defineJobs({});\nexport const activate = 1;\n`,
      /`activate` that is no function/,
    ],
    [
      "exports filters that are none",
      `${defined}export const jobs = defineJobs({});\nexport const filters = [{ onPreforming() {} }];\n`,
      /no "onPreforming" in number 1 of the filters that the module of the jobs exports/,
    ],
    [
      "has a class that needs activate",
      `${defined}${needy}export const jobs = defineJobs({ Needy });\n`,
      /take arguments: Needy/,
    ],
    [
      "starts a server with threads itself",
      `${defined}import { BackgroundJobServer } from ${SOURCES};\nimport { MemoryStorage } from ${MEMORY};
export const jobs = defineJobs({});
const jobsHere = new URL(import.meta.url);
await new BackgroundJobServer({ storage: new MemoryStorage(), jobs: jobsHere, threads: 1 }).started;\n`,
      /inside a thread that runs jobs/,
    ],
  ])("one that %s", async (name, text, message) => {
    await using bench = Workbench.inMemory();
    const file = `${name.replaceAll(" ", "-")}.mjs`;
    const module =
      text === undefined ? pathToFileURL(join(folder, "missing.ts")) : await moduleOf(file, text);
    const server = bench.make(module, { threads: 2 });
    await expect(server.started).rejects.toMatchObject({ code: "FL_THREADS_FAILED", message });
    await expect(server.stopped).rejects.toMatchObject({ code: "FL_THREADS_FAILED" });
    expect(bench.logger.texts("error", "could not start")).toHaveLength(1);
  });
});

test("a process that may not make threads is told so by the same error, and lives on", async () => {
  const program = new URL("./programs/forbidden-threads.ts", import.meta.url);
  const forbidden = ["--permission", "--allow-fs-read=*", "--allow-fs-write=*"];
  await using child = new Child<ForbiddenMessage>(program, [], forbidden);
  const { code, message } = await child.hears(() => true);
  expect(code).toBe("FL_THREADS_FAILED");
  expect(message).toMatch(/restricted/);
  expect(await child.exited).toEqual({ code: 0, signal: null });
});

test("a server can be stopped while its threads load a module that takes its time", async () => {
  await using bench = Workbench.inMemory();
  const slow = await moduleOf(
    "slow.mjs",
    `${defined}export const jobs = defineJobs({});\nawait new Promise((resolve) => setTimeout(resolve, 1e9));\n`,
  );
  const server = bench.make(slow, { threads: 2 });
  await server.stop();
  await server.stopped;
  await expect(server.started).resolves.toBe(server);
});

test("a thread whose module has changed and lost jobs is not used, and people are told to restart", async () => {
  using news = new ThreadNews();
  await using bench = Workbench.inMemory();
  const again = `export { jobs, activate } from ${JSON.stringify(MODULE.href)};\n`;
  const module = await moduleOf("changing.mjs", again);
  const client = bench.client(jobs);
  await bench.serve(module, { threads: 1 });
  await client.result(await client.enqueue((j) => j.plain.add(1, 1)), { timeout: "10s" });
  await moduleOf("changing.mjs", `${defined}export const jobs = defineJobs({ other() {} });\n`);
  const poison = await client.enqueue((j) => j.deadly.exit("poison"));
  await news.hears("poison");
  await expect.poll(() => bench.logger.texts("error", "restart the server"), SOON).not.toEqual([]);
  expect((await client.get(poison))?.crashes).toBe(1);
  await moduleOf("changing.mjs", again);
  await bench.reaches(poison, "Failed");
  expect((await client.get(poison))?.crashes).toBe(3);
  const id = await client.enqueue((j) => j.plain.add(1, 2));
  expect(await client.result(id, { timeout: "10s" })).toBe(3);
});

describe("options that do not go together are refused at once", () => {
  const own = defineJobs({});
  test.each([
    ["threads without a module", { jobs: own, threads: 2 }, /given as a module/],
    ["a module without threads", { jobs: MODULE }, /does not say how many/],
    ["workerCount with threads", { jobs: MODULE, threads: 2, workerCount: 5 }, /set `threads`/],
    ["activate with threads", { jobs: MODULE, threads: 2, activate: () => ({}) }, /the module exports it/],
    ["no thread", { jobs: MODULE, threads: 0 }, /1 to 256/],
    ["too many threads", { jobs: MODULE, threads: 257 }, /1 to 256/],
    ["limits that are no numbers", { jobs: MODULE, threads: 1, resourceLimits: { stackSizeMb: "4" } }, /512/],
  ])("%s", async (_, options, message) => {
    await using bench = Workbench.inMemory();
    const make = () => Reflect.construct(BackgroundJobServer, [{ storage: bench.storage, ...options }]);
    expect(make).toThrow(
      expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringMatching(message) }),
    );
  });
});
