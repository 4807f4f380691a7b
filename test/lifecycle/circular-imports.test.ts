import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Child } from "./child.ts";

/** An application whose jobs enqueue further jobs: written out, since this repo bans circles of its own. */
const APPLICATION = {
  "client.ts": `
    import { BackgroundJobClient } from "firelater";
    import { MemoryStorage } from "firelater/memory";
    import { jobs } from "./jobs.ts";
    export const storage = new MemoryStorage();
    export const client = new BackgroundJobClient({ storage, jobs: () => jobs });`,
  "jobs.ts": `
    import { defineJobs } from "firelater";
    import * as mail from "./mail.ts";
    export const jobs = defineJobs({ mail });`,
  "mail.ts": `
    import { client } from "./client.ts";
    export async function welcome(to: string): Promise<void> {
      await client.enqueue((j) => j.mail.remind(to));
    }
    export const remind = async (to: string): Promise<void> => {
      process.send?.("remind " + to, () => process.exit(0));
    };`,
  "main.ts": `
    for (const file of process.argv.slice(2)) await import(file);
    const { BackgroundJobServer } = await import("firelater");
    const { client, storage } = await import("./client.ts");
    const { jobs } = await import("./jobs.ts");
    new BackgroundJobServer({ storage, jobs });
    await client.enqueue((j) => j.mail.welcome("ada"));`,
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firelater-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(fileURLToPath(new URL("../..", import.meta.url)), join(folder, "node_modules", "firelater"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  for (const [name, text] of Object.entries(APPLICATION)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["./client.ts", "./jobs.ts", "./mail.ts"],
  ["./jobs.ts", "./client.ts", "./mail.ts"],
  ["./mail.ts", "./client.ts", "./jobs.ts"],
])("jobs may import the client that enqueues them, when %s is loaded first", async (...files) => {
  await using child = new Child<string>(pathToFileURL(join(folder, "main.ts")), files);
  expect(await child.hears(() => true)).toBe("remind ada");
});
