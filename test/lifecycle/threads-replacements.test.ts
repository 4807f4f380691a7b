import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE } from "./thread-news.ts";
import { SOON, Workbench } from "./workbench.ts";

const WORKING = `export { jobs, activate } from ${JSON.stringify(MODULE.href)};\n`;
/** Says when it was loaded, and more than anybody wants to read. */
const BROKEN = `throw new Error(\`at \${performance.timeOrigin + performance.now()} \${"x".repeat(1_000_000)}\`);\n`;

/** A module that is changed under its server. */
async function moduleOf(text: string): Promise<{ url: URL; change: (text: string) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "firelater-modules-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "jobs.mjs");
  const change = (to: string) => writeFile(file, to);
  await change(text);
  return { url: pathToFileURL(file), change };
}

/** The milliseconds between the loads of a broken module, as the server told of them. */
function gaps(texts: readonly string[]): number[] {
  const at = texts.map((text) => Number(/ at ([\d.]+) /.exec(text)?.[1]));
  return at.slice(1).map((time, n) => time - (at[n] ?? 0));
}

test("threads whose module has broken are replaced later and later, and at once when one runs jobs again", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const module = await moduleOf(WORKING);
  await bench.serve(module.url, { threads: 1 });
  const deaths = () => bench.logger.texts("error", "died while no job ran");

  await module.change(BROKEN);
  await client.enqueue((j) => j.deadly.exit("poison"));
  await expect.poll(() => deaths().length, SOON).toBe(4);
  const [first = 0, second = 0, third = 0] = gaps(deaths());
  expect(first).toBeGreaterThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(1_000);
  expect(third).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...deaths().map(({ length }) => length))).toBeLessThan(500);

  await module.change(WORKING);
  const id = await client.enqueue((j) => j.plain.add(1, 2));
  expect(await client.result(id, { timeout: "20s" })).toBe(3);
  await module.change(BROKEN);
  await client.enqueue((j) => j.deadly.exit("poison"));
  await expect.poll(() => deaths().length, SOON).toBe(6);
  // The fifth in a row would have come eight seconds later at least.
  expect(gaps(deaths().slice(4))[0]).toBeLessThan(4_000);
});
