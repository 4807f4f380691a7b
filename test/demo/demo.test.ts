import { afterEach, describe, expect, it } from "vitest";
import { newRun } from "../../examples/demo/run-state.ts";
import { killPrograms } from "../docs/program.ts";
import { DemoFolder } from "./demo-folder.ts";
import { runDemo, startDemo } from "./demo-process.ts";

let folder: DemoFolder;

afterEach(async () => {
  await killPrograms();
  folder.remove();
});

describe("npm run demo -- --once", () => {
  it("reports what a direct computation gives, in plain lines where there is no terminal", async () => {
    folder = new DemoFolder(30);
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(folder.report).toEqual(folder.expected);
    expect(folder.read(".demo/report.txt")).toMatch(/^\.txt +30 /m);
    expect(output).toMatch(/^35\/35 jobs .* 2 retries /m);
    expect(output).toMatch(/Checked: all 30 entries agree/);
    expect(output).not.toMatch("\r");
    expect(output).not.toMatch("\x1b");
  });

  it("begins anew when the last run is finished", async () => {
    folder = new DemoFolder(3);
    await runDemo(folder.path, "--once");
    const first = folder.run;
    folder.write("one more.txt", "new");
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/^4 files of /);
    expect(folder.run.database).not.toBe(first.database);
    expect(folder.report).toHaveLength(4);
  });

  it("joins more files than a job can continue", async () => {
    folder = new DemoFolder(0);
    for (let index = 0; index < 1_001; index++) folder.write(`${index}`, `${index}`);
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/^1008\/1008 jobs /m);
    expect(folder.report).toHaveLength(1_001);
  });

  it.each(["--nope", "--slow soon", "--folder nowhere"])("refuses %s", async (args) => {
    folder = new DemoFolder(1);
    const { end, output } = await runDemo(folder.path, "--once", ...args.split(" "));

    expect(end).toBe(2);
    expect(output).not.toMatch(/ {4}at /);
  });
});

describe("the check", () => {
  const damages: { name: string; damage: () => unknown; found: RegExp }[] = [
    {
      name: "a wrong entry",
      damage: () => {
        folder.report = folder.report.map((entry, at) => (at === 1 ? { ...entry, sha256: "0" } : entry));
      },
      found: /file 1\.txt: sha256 is 0 in the report and [0-9a-f]{64} directly/,
    },
    {
      name: "a missing entry",
      damage: () => {
        folder.report = folder.report.slice(1);
      },
      found: /file 0\.txt: the report lacks it/,
    },
    {
      name: "an entry too many",
      damage: () => {
        folder.report = [...folder.report, ...folder.report.slice(0, 1)];
      },
      found: /file 0\.txt: the report has it twice/,
    },
    {
      name: "a file that has changed",
      damage: () => folder.write("some folder/1/file 1.txt", "changed"),
      found: /file 1\.txt: bytes is 21 in the report and 7 directly/,
    },
    {
      name: "a job too many",
      damage: () => folder.withJobs((client) => client.enqueue((j) => j.samples.remind("again"))),
      found: /jobs are Succeeded, expected/,
    },
    {
      name: "a file job that succeeds twice",
      damage: () => folder.withJobs((client, run) => client.requeue(run.files[1]?.id ?? "")),
      found: /file 1\.txt: its job .* has not succeeded exactly once/,
    },
  ];

  it.each(damages)("finds $name", async ({ damage, found }) => {
    folder = new DemoFolder(4);
    await runDemo(folder.path, "--once");
    folder.run = { ...folder.run, finished: false };
    await damage();
    const { end, output } = await runDemo(folder.path, "--once");

    expect(output).toMatch(found);
    expect(output).toMatch(/Checked: \d+ differences?\. /);
    expect(end, output).toBe(1);
  });
});

describe("a run that was left unfinished", () => {
  it("goes on after kill -9, and every file is done exactly once", async () => {
    folder = new DemoFolder(60);
    const killed = startDemo(folder.path, "--slow", "1500");
    await killed.until((output) => doneIn(output) > 0);
    killed.kill("SIGKILL");
    expect(await killed.end()).toBe("SIGKILL");
    expect(doneIn(killed.output)).toBeLessThan(60);

    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/^Found an unfinished run: [1-9]\d? of 60 files are done, going on\.$/m);
    expect(output).toMatch(/ [1-9]\d* taken over/);
    expect(folder.report).toEqual(folder.expected);
    expect(await successesPerFile()).toEqual(Array.from({ length: 60 }, () => 1));
  });

  it("goes on when it was killed before all jobs were stored", async () => {
    folder = new DemoFolder(8);
    folder.run = newRun(folder.path, [...folder.files].sort());
    await folder.withJobs((client, { files }) =>
      client.enqueueMany((j) => files.slice(0, 3).map(({ path, id }) => [j.files.digest(path), { id }])),
    );
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/Found an unfinished run: 0 of 8 files are done/);
    expect(folder.report).toEqual(folder.expected);
  });

  it("goes on after Ctrl+C, which gives the running jobs back", async () => {
    folder = new DemoFolder(60);
    const stopped = startDemo(folder.path, "--slow", "1500");
    await stopped.until((output) => doneIn(output) > 0);
    stopped.kill("SIGINT");
    expect(await stopped.end()).toBe("SIGINT");
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/Found an unfinished run: [1-9]/);
    expect(output).not.toMatch(/taken over/);
  });

  it("begins anew when a file of it is gone", async () => {
    folder = new DemoFolder(3);
    folder.run = newRun(folder.path, ["gone.txt", ...folder.files]);
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
    expect(output).toMatch(/^Found an unfinished run, but files of it are gone\. Anew: 3 files /);
  });

  it("tries failed jobs again", async () => {
    folder = new DemoFolder(3);
    folder.run = newRun(folder.path, ["late.txt", ...folder.files]);
    folder.write("late.txt/a folder, not a file", "");
    const failed = await runDemo(folder.path, "--once");
    expect(failed.end, failed.output).toBe(1);
    expect(failed.output).toMatch(/late\.txt has failed for good: Error: EISDIR/);

    folder.remove("late.txt");
    folder.write("late.txt", "here I am");
    const { end, output } = await runDemo(folder.path, "--once");

    expect(end, output).toBe(0);
  });
});

it("stays up after the report, until Ctrl+C", async () => {
  folder = new DemoFolder(3);
  const demo = startDemo(folder.path, "--slow", "0");
  await demo.until((output) => output.includes("Ctrl+C"));
  expect(folder.run.finished).toBe(true);
  demo.kill("SIGINT");
  expect(await demo.end()).toBe("SIGINT");
});

describe("the dashboard of the demo", () => {
  it("is served from the beginning, and shows the run", async () => {
    folder = new DemoFolder(3);
    const demo = startDemo(folder.path, "--slow", "0");
    await demo.until((output) => dashboardsIn(output).length > 0);
    const [url = ""] = dashboardsIn(demo.output);
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("<title>Firelater");
    const meta = await fetch(new URL("api/meta", url));
    expect(await meta.json()).toMatchObject({ environment: "demo", knowsJobs: true });

    await demo.until((output) => output.includes("Ctrl+C"));
    const counts = await fetch(new URL("api/jobs?state=Succeeded", url));
    expect(await counts.text()).toContain("files.digest");
    demo.kill("SIGINT");
    expect(await demo.end()).toBe("SIGINT");
  });

  it("ends with Ctrl+C while a browser hears it", async () => {
    folder = new DemoFolder(1);
    const demo = startDemo(folder.path, "--slow", "0");
    await demo.until((output) => output.includes("Ctrl+C"));
    const [url = ""] = dashboardsIn(demo.output);
    const live = await fetch(new URL("api/events", url));
    demo.kill("SIGINT");
    expect(await live.text()).toContain("event: bye");
    expect(await demo.end()).toBe("SIGINT");
  });

  it("finds another port when its own is taken", async () => {
    folder = new DemoFolder(1);
    const first = startDemo(folder.path, "--slow", "0");
    await first.until((output) => output.includes("Ctrl+C"));
    const other = new DemoFolder(1);
    try {
      const second = startDemo(other.path, "--slow", "0");
      await second.until((output) => output.includes("Ctrl+C"));
      const urls = [first, second].map(({ output }) => dashboardsIn(output)[0] ?? "");
      expect(new Set(urls).size).toBe(2);
      for (const url of urls) expect((await fetch(new URL("api/meta", url))).status).toBe(200);
    } finally {
      await killPrograms();
      other.remove();
    }
  });

  it("is not served where nobody would look", async () => {
    folder = new DemoFolder(1);
    expect(dashboardsIn((await runDemo(folder.path, "--once")).output)).toEqual([]);
  });
});

it("does not take the files of a run that still stands there away", async () => {
  folder = new DemoFolder(3);
  const standing = startDemo(folder.path, "--slow", "0");
  await standing.until((output) => output.includes("Ctrl+C"));
  const { run } = folder;
  const { end, output } = await runDemo(folder.path, "--once");
  expect(end, output).toBe(0);
  expect(folder.run.database).not.toBe(run.database);
  expect(folder.has(run.database)).toBe(true);
  standing.kill("SIGINT");
  await standing.end();
  await runDemo(folder.path, "--once");
  expect(folder.has(run.database)).toBe(false);
});

function dashboardsIn(output: string): string[] {
  return [...output.matchAll(/http:\/\/localhost:\d+\//g)].map(([url]) => url);
}

/** The last number of done jobs that the demo has told, without the three that are no file's. */
function doneIn(output: string): number {
  const [, done] = [...output.matchAll(/^(\d+)\/\d+ jobs/gm)].at(-1) ?? [];
  return Math.max(0, Number(done ?? 0) - 3);
}

function successesPerFile(): Promise<number[]> {
  return folder.withJobs((client, { files }) =>
    Promise.all(
      files.map(async ({ id }) => {
        const job = await client.get(id);
        return job?.history.filter(({ state }) => state === "Succeeded").length ?? 0;
      }),
    ),
  );
}
