import type { JobFilter } from "firelater";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { entryTail, type NewJob, StorageFailedError } from "../../src/storage/index.ts";
import { Workbench } from "../lifecycle/workbench.ts";
import { jobs, Scene, STORAGES } from "./scene.ts";

const SECRET = "hunter2";
const PLAIN = { queue: "nobody", rank: 0, displayName: null, entry: entryTail("Enqueued") } as const;

function stored(args: unknown[], over: Partial<NewJob> = {}): NewJob {
  return { id: newId(), name: "login", args: JSON.stringify(args), ...PLAIN, ...over };
}

const viewing = (...more: string[]) => ({
  authorize: () => ({ permissions: ["view", ...more] as readonly "view"[] }),
});

describe.each(STORAGES)("what is hidden, on %s", (_, open) => {
  test("is told neither by rows nor by where a page ends or how it ended", async () => {
    const redact = (value: unknown, path: readonly (string | number)[]) =>
      path.at(-1) === "password" ? "•••" : value;
    await using scene = await Scene.open(open, { redact });
    const { storage } = scene.bench;
    await storage.insert(
      Array.from({ length: 260 }, (_, nth) => stored([{ nth, password: nth % 2 ? SECRET : "other" }])),
    );
    const told = async (text: string, limit: number) => {
      const { rows, next, incomplete } = await scene.read<"GET jobs">(
        `jobs?state=Enqueued&limit=${limit}&args=${encodeURIComponent(text)}`,
      );
      return { rows: rows.length, next, incomplete };
    };
    for (const limit of [1, 5, 200]) {
      expect(await told(SECRET, limit)).toEqual({ rows: 0, next: null, incomplete: null });
      expect(await told('"password":"h', limit)).toEqual(await told('"password":"q', limit));
    }
    // Merged lists end where each of them does, which tells of what was found in it.
    expect(Scene.codeOf(await scene.get(`jobs?args=${SECRET}`))).toBe("400 FL_DASHBOARD_INVALID");
    expect(Scene.codeOf(await scene.get("jobs?tag=eu"))).toBe("400 FL_DASHBOARD_INVALID");
  });

  test("leaves pages of what may be seen whole, and in order", async () => {
    await using scene = await Scene.open(open, { redact: (value) => (value === "a needle" ? "•••" : value) });
    const { storage } = scene.bench;
    const seen = Array.from({ length: 130 }, (_, nth) => stored([`needle ${nth}`]));
    const hidden = Array.from({ length: 130 }, () => stored(["a needle"]));
    const mixed = seen.flatMap((job, nth) => [job, hidden[nth] ?? job]);
    const { maxRows } = storage.manifest;
    for (let at = 0; at < mixed.length; at += maxRows) await storage.insert(mixed.slice(at, at + maxRows));
    const found: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const path = `jobs?state=Enqueued&limit=7&args=needle&after=${encodeURIComponent(after)}`;
      const page: { rows: readonly { id: string }[]; next: string | null } =
        await scene.read<"GET jobs">(path);
      found.push(...page.rows.map(({ id }) => id));
      expect(page.rows.length === 7 || page.next === null).toBe(true);
      after = page.next;
    }
    expect(found).toEqual(seen.map(({ id }) => id));
  });

  test("stays hidden in an error that is replaced as a whole, and in what caused one", async () => {
    const redact = (value: unknown, path: readonly (string | number)[]) => {
      if (path.join(".") === "error.cause") return "(another system failed)";
      return path[0] === "error" && path.at(-1) === "message" ? "•••" : value;
    };
    await using scene = await Scene.open(open, { redact });
    const { storage } = scene.bench;
    const job = stored([]);
    await storage.insert([job]);
    const [row] = await storage.get([job.id]);
    const error = { type: "Error", message: SECRET, cause: { type: "Error", message: SECRET } };
    const entry = entryTail("Failed", undefined, { error });
    await storage.commit([
      { id: job.id, fence: row?.fence ?? 0, state: "Failed", entry, past: row?.history ?? "" },
    ]);
    const details = await scene.read<"GET jobs/:id">(`jobs/${job.id}`);
    expect(details.history.at(-1)?.error).toMatchObject({
      message: "•••",
      cause: { message: "(another system failed)" },
    });
    expect(JSON.stringify(details)).not.toContain(SECRET);
    expect((await scene.read<"GET jobs">(`jobs?state=Failed&error=${SECRET}`)).rows).toEqual([]);
  });
});

describe("without view-data", () => {
  test("no error of a filter, a schema or the engine quotes what it has met", async () => {
    const speaking: JobFilter = {
      onCreating: ({ job, cancel }) => cancel(`not for ${JSON.stringify(job.arguments)}`),
      onStateElection: ({ job }) => {
        throw new Error(`not for ${JSON.stringify(job.arguments)}`);
      },
    };
    await using scene = new Scene(Workbench.inMemory(), {
      ...viewing("replay", "requeue"),
      filters: [speaking],
      jobs,
    });
    const [first, broken] = [stored([SECRET], { name: "mail.send" }), stored([])];
    await scene.bench.storage.insert([first, { ...broken, args: `[${SECRET}` }]);
    const answers = [
      await scene.post(`jobs/${first.id}/replay`),
      await scene.post(`jobs/${broken.id}/replay`),
      await scene.post("jobs/bulk", { action: "requeue", ids: [first.id] }),
    ];
    expect(answers.map(Scene.codeOf)).toEqual([
      "400 FL_ENQUEUE_CANCELLED",
      expect.stringMatching(/^(200|400)/),
      expect.stringMatching(/^200/),
    ]);
    expect(JSON.stringify(answers)).not.toContain(SECRET);
    await using knowing = new Scene(scene.bench, { filters: [speaking], jobs });
    const told = await knowing.post(`jobs/${first.id}/replay`);
    expect(JSON.stringify(told.body)).toContain(SECRET);
  });

  test("an outage is told, and not what the engine says of it", async () => {
    const bench = Workbench.inMemory();
    const broken = { times: 10, error: () => new StorageFailedError("x", "list jobs", new Error(SECRET)) };
    await using scene = new Scene(bench, viewing());
    bench.broken.fail("list", broken);
    const answer = await scene.get("jobs?state=Failed");
    expect(Scene.codeOf(answer)).toBe("503 FL_STORAGE_FAILED");
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    await using knowing = new Scene(bench);
    bench.broken.fail("list", broken);
    expect(JSON.stringify((await knowing.get("jobs?state=Failed")).body)).toContain(SECRET);
  });

  test("tags and texts that others have looked for are left out of operations and views", async () => {
    const bench = Workbench.inMemory();
    await using knowing = new Scene(bench);
    const filter = { state: "Failed", tag: SECRET, args: SECRET, error: SECRET };
    expect((await knowing.post("operations", { kind: "delete", filter })).status).toBe(200);
    await knowing.post("views", { name: "Mine", link: `jobs?state=Failed&tag=${SECRET}` });
    await knowing.post("views", { name: "All", link: "jobs?state=Failed" });
    await using scene = new Scene(bench, viewing());
    const seen = [await scene.get("operations"), await scene.get("overview"), await scene.get("views")];
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(seen[0]?.body).toMatchObject({ rows: [{ filter: { state: "Failed" } }] });
    expect(seen[2]?.body).toMatchObject({ rows: [{ name: "All" }] });
    expect((await knowing.read<"GET views">("views")).rows).toHaveLength(2);
  });
});

test("with redaction an operation cannot be begun by a tag that is shown otherwise", async () => {
  const redact = (value: unknown, path: readonly (string | number)[]) => (path[0] === "tag" ? "•••" : value);
  await using scene = new Scene(Workbench.inMemory(), { redact });
  const filter = { state: "Failed", tag: SECRET };
  const answer = await scene.post("operations", { kind: "delete", filter });
  expect(Scene.codeOf(answer)).toBe("400 FL_DASHBOARD_INVALID");
});

test("a redaction that gives what JSON cannot say shows nothing", async () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const redact = (_: unknown, [what]: readonly (string | number)[]) => (what === "tag" ? cyclic : 1n);
  await using scene = new Scene(Workbench.inMemory(), { redact });
  await scene.bench.storage.insert([stored([SECRET], { tags: [SECRET], displayName: SECRET })]);
  const { status, body } = await scene.get("jobs?state=Enqueued&with=args");
  expect([status, JSON.stringify(body).includes(SECRET)]).toEqual([200, false]);
});
