import { describe, expect, test } from "vitest";
import { SOON, type Workbench } from "../lifecycle/workbench.ts";
import { keyOf, routeTable } from "./route-table.ts";
import { jobs, Scene } from "./scene.ts";

interface Rows<T> {
  readonly rows: readonly T[];
}

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
}

/** Asks routes by their keys, and remembers which. */
class Walk {
  readonly asked = new Set<string>();
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** What a route answers; a refusal fails the test. */
  async ask(key: string, { params = {}, query = "", body }: Asked = {}): Promise<unknown> {
    this.asked.add(key);
    const [method = "", pattern = ""] = key.split(" ");
    const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    const answer =
      method === "GET" ? await this.#scene.get(`${path}${query}`) : await this.#scene.post(path, body);
    expect([key, answer.status, answer.status === 200 ? "" : answer.body]).toEqual([key, 200, ""]);
    return answer.body;
  }
}

const MADE_UP = ["x", "[]", "[1,2]", '["a","b"]', "[1,2,3]", "[0,1,2]", '["ready","a","b"]', '["x",1,2,3]'];

const PAUSED = { queue: "slow", paused: expect.objectContaining({ note: "é" }) };

/** The whole API on a storage: each route is asked, each action done, in the order in which people would. */
export function describeEveryRoute(name: string, open: () => Workbench | Promise<Workbench>): void {
  describe(`the dashboard, on ${name}`, () => {
    test("answers on every route, and does what each says", async () => {
      await using scene = await Scene.open(open);
      const walk = new Walk(scene);
      const { storage } = scene.bench;
      const server = await scene.bench.serve(jobs, { name: "web" });
      const failed = await scene.client.enqueue((j) => j.mail.fail("no such user"), { tags: ["eu"] });
      const sent = await scene.client.enqueue((j) => j.mail.send({ user: 7 }), { tags: ["eu"] });
      await scene.bench.reaches(failed, "Failed");
      await scene.bench.reaches(sent, "Succeeded");

      await looksAround(walk);
      await looksAtJobs(walk, failed, sent);
      const { servers } = (await walk.ask("GET servers")) as { servers: { incarnation: string }[] };
      const params = { incarnation: servers[0]?.incarnation ?? "" };
      await walk.ask("POST servers/:incarnation/quiet", { params });
      const vitals = async () => (await storage.servers())[0]?.vitals ?? "";
      await expect.poll(vitals, SOON).toContain('"quiet":true');
      await actsOnJobs(walk, scene, failed);
      await walk.ask("POST servers/:incarnation/resume", { params });
      await walk.ask("POST servers/:incarnation/stop", { params });
      await server.stopped;
      await steersRecurring(walk, scene);
      await operates(walk, scene);
      await walk.ask("POST queues/:queue/pause", { params: { queue: "slow" }, body: { note: "é" } });
      expect(await storage.admin.queues()).toContainEqual(expect.objectContaining(PAUSED));
      expect(await walk.ask("POST queues/:queue/resume", { params: { queue: "slow" } })).toMatchObject({
        applied: true,
      });
      await keepsViews(walk);
      const trail = (await walk.ask("GET audit", { query: "?limit=200" })) as Rows<{ outcome: string }>;
      expect(new Set(trail.rows.map(({ outcome }) => outcome))).toEqual(new Set(["applied"]));

      expect([...walk.asked].sort()).toEqual(routeTable().map(keyOf).sort());
      await isAskedWithMadeUpCursors(walk);
    });
  });
}

async function looksAround(walk: Walk): Promise<void> {
  for (const part of ["meta", "snapshot", "statistics", "errors", "queues"]) await walk.ask(`GET ${part}`);
  expect(await walk.ask("GET overview")).toMatchObject({
    ...{ incomplete: null, isEmpty: false },
    snapshot: { liveServers: 1, counts: { Succeeded: 1, Failed: 1 } },
  });
}

async function looksAtJobs(walk: Walk, failed: string, sent: string): Promise<void> {
  const found = async (query: string) => {
    const { rows } = (await walk.ask("GET jobs", { query })) as Rows<{ id: string }>;
    return rows.map(({ id }) => id);
  };
  expect(await found("?state=Failed&tag=eu&error=no%20such%20USER")).toEqual([failed]);
  expect(await found("?state=Succeeded&args=7&path=0.user&name=mail.send&with=args")).toEqual([sent]);
  expect(await found("?state=Succeeded&args=8&path=0.user")).toEqual([]);
  expect(await walk.ask("GET jobs/find", { query: `?id=${sent}` })).toMatchObject({ rows: [{ id: sent }] });
  const params = { id: sent };
  expect(await walk.ask("GET jobs/:id", { params })).toMatchObject({ state: "Succeeded", tags: ["eu"] });
  expect(await walk.ask("GET jobs/:id/arguments", { params })).toMatchObject({ text: '[{"user":7}]' });
  expect(await walk.ask("GET jobs/:id/result", { params })).toMatchObject({ redacted: false });
  expect(await walk.ask("GET jobs/:id/logs", { params })).toMatchObject({ lines: [], next: null });
  expect(await walk.ask("GET jobs/:id/children", { params })).toMatchObject({ rows: [], next: null });
}

/** Nobody fetches meanwhile. */
async function actsOnJobs(walk: Walk, scene: Scene, id: string): Promise<void> {
  const { bench } = scene;
  const params = { id };
  const applied = { applied: true };
  expect(await walk.ask("POST jobs/:id/requeue", { params })).toMatchObject(applied);
  expect(await bench.state(id)).toBe("Enqueued");
  expect(await walk.ask("POST jobs/:id/reschedule", { params, body: { in: 60_000 } })).toMatchObject(applied);
  expect(await bench.state(id)).toBe("Scheduled");
  const replayed = (await walk.ask("POST jobs/:id/replay", { params, body: { queue: "slow" } })) as object;
  expect(await walk.ask("POST jobs/:id/delete", { params })).toMatchObject(applied);
  expect(await bench.state(id)).toBe("Deleted");
  const ids = [String(Reflect.get(replayed, "id"))];
  expect(await walk.ask("POST jobs/bulk", { body: { action: "delete", ids } })).toMatchObject({ applied: 1 });
}

async function steersRecurring(walk: Walk, scene: Scene): Promise<void> {
  const recurring = scene.bench.recurring(jobs);
  await recurring.addOrUpdate("nightly/é", (j) => j.mail.send(1), "@daily");
  const params = { id: "nightly/é" };
  expect(await walk.ask("GET recurring", { query: "?search=NIGHT" })).toMatchObject({ rows: [params] });
  await walk.ask("POST recurring/preview", { body: { cron: "0 9 * * *", timeZone: "UTC" } });
  const begun = (await walk.ask("POST recurring/:id/trigger", { params })) as object;
  const details = (await walk.ask("GET recurring/:id", { params })) as { version: string };
  expect(details).toMatchObject({ lastRuns: [{ id: Reflect.get(begun, "jobId") }] });
  const edit = { version: details.version, cron: "0 9 * * *" };
  await walk.ask("POST recurring/:id/edit", { params, body: edit });
  await walk.ask("POST recurring/:id/pause", { params });
  expect(await recurring.get("nightly/é")).toMatchObject({ cron: "0 9 * * *", state: "paused" });
  await walk.ask("POST recurring/:id/resume", { params });
  await walk.ask("POST recurring/:id/remove", { params });
  expect(await recurring.get("nightly/é")).toBe(null);
}

/** No server works on it: it can be aborted before it has done anything. */
async function operates(walk: Walk, scene: Scene): Promise<void> {
  await scene.client.delay((j) => j.mail.send(1), "1h");
  const body = { kind: "move", queue: "slow", filter: { state: "Scheduled", name: "mail.send" } };
  const begun = (await walk.ask("POST operations", { body })) as { operation: { id: string } };
  expect(begun.operation).toMatchObject({ kind: "move", queue: "slow", matches: 1, state: "running" });
  const params = { id: begun.operation.id };
  expect(await walk.ask("POST operations/:id/abort", { params })).toMatchObject({ applied: true });
  expect(await walk.ask("GET operations/:id", { params })).toMatchObject({ state: "aborted", applied: 0 });
  expect(await walk.ask("GET operations")).toMatchObject({ rows: [params] });
}

async function keepsViews(walk: Walk): Promise<void> {
  const body = { name: "é", link: "jobs?state=Failed" };
  const view = (await walk.ask("POST views", { body })) as { id: string };
  expect(await walk.ask("GET views")).toMatchObject({ rows: [{ ...body, id: view.id }] });
  await walk.ask("POST views/:id/remove", { params: { id: view.id } });
}

/** Whoever makes up a cursor gets some page, or a refusal, and no failure. */
async function isAskedWithMadeUpCursors(walk: Walk): Promise<void> {
  const lists = [
    ...["Enqueued", "Scheduled", "Processing", "Failed"].flatMap((state) => [
      ["GET jobs", `state=${state}&`] as const,
      ["GET jobs", `state=${state}&name=x&`] as const,
    ]),
    ...["GET recurring", "GET operations", "GET audit"].map((key) => [key, ""] as const),
  ];
  for (const [key, query] of lists) {
    for (const cursor of MADE_UP.map(encodeURIComponent))
      await walk.ask(key, { query: `?${query}after=${cursor}` });
  }
}
