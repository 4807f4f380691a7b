import type { JobRow } from "firelater/dashboard";
import { describe, expect, test } from "vitest";
import { Scene, SOON, STORAGES } from "./scene.ts";

const GONE = "00000000-0000-4000-8000-000000000000";

describe.each(STORAGES)("the API of the dashboard, on %s", (_, open) => {
  test("tells what it stands on and what the viewer may do", async () => {
    await using scene = await Scene.open(open, {
      environment: "staging",
      authorize: () => ({ name: "eve", permissions: ["view", "requeue"] }),
    });
    const { body } = await scene.get("meta");
    expect(body).toMatchObject({
      environment: "staging",
      readOnly: false,
      knowsJobs: true,
      viewer: { name: "eve", permissions: ["view", "requeue"] },
      storage: { engine: scene.bench.storage.manifest.engine },
    });
  });

  test("without the application's jobs it says so, and stores a replay as it was stored", async () => {
    await using scene = await Scene.open(open, { jobs: undefined });
    expect((await scene.read<"GET meta">("meta")).knowsJobs).toBe(false);
    const id = await scene.client.enqueue((j) => j.mail.send("a"), { tags: ["eu"] });
    const { status, body } = await scene.post(`jobs/${id}/replay`, { arguments: ["b"] });
    expect(status).toBe(200);
    const replayed = await scene.client.get(String(Object(body).id));
    expect(replayed).toMatchObject({ name: "mail.send", arguments: ["b"], tags: ["eu"] });
  });

  test("gives the overview: counts, hours and what needs a person", async () => {
    await using scene = await Scene.open(open);
    expect(await scene.read<"GET overview">("overview")).toMatchObject({ isEmpty: true, attention: [] });
    await scene.client.enqueue((j) => j.mail.send("a"));
    await scene.client.enqueue((j) => j.mail.fail("no"));
    await scene.run();
    await scene.client.enqueue((j) => j.mail.send("b"), { queue: "slow" });
    await scene.bench.storage.admin.pauseQueue("paused", "for now");
    const seen = async () => (await scene.read<"GET overview">("overview")).attention.map(({ kind }) => kind);
    await expect.poll(seen, SOON).toEqual(["no-server", "queue-without-consumer", "queue-paused"]);
    const overview = await scene.read<"GET overview">("overview");
    expect(overview.hours.at(-1)).toMatchObject({ succeeded: 1, failed: 1 });
    expect(overview.snapshot.counts).toMatchObject({ Enqueued: 1, Succeeded: 1, Failed: 1 });
    expect(overview.incomplete).toBe(null);
    const statistics = await scene.read<"GET statistics">("statistics?by=day&timeZone=Europe/Paris");
    expect(statistics.points).toMatchObject([{ succeeded: 1, failed: 1 }]);
  });

  test("pages through jobs by key, and finds them by all that a filter may say", async () => {
    await using scene = await Scene.open(open);
    const ids: string[] = [];
    for (const user of [1, 2, 3, 4, 5])
      ids.push(await scene.client.delay((j) => j.mail.send({ user }), "1h", { tags: [`u${user}`] }));
    const first = await scene.read<"GET jobs">("jobs?state=Scheduled&limit=2");
    const second = await scene.read<"GET jobs">(
      `jobs?state=Scheduled&limit=3&after=${encodeURIComponent(first.next ?? "")}`,
    );
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(ids);
    const found = async (query: string) => {
      const page = await scene.read<"GET jobs">(`jobs?state=Scheduled&${query}`);
      expect([page.next, page.incomplete]).toEqual([null, null]);
      return page.rows.map(({ id }) => ids.indexOf(id) + 1);
    };
    expect(await found("tag=u3")).toEqual([3]);
    expect(await found("args=4&path=0.user")).toEqual([4]);
    expect(await found(`args=${encodeURIComponent('"user":5')}`)).toEqual([5]);
    expect(await found("name=mail.fail")).toEqual([]);
    const { rows } = await scene.read<"GET jobs">("jobs?state=Scheduled&limit=1&with=args");
    expect(rows).toMatchObject([{ args: { value: [{ user: 1 }], cut: false } }]);
    expect((await scene.read<"GET jobs/find">(`jobs/find?id=${ids[0]}`)).rows).toMatchObject([
      { id: ids[0] },
    ]);
  });

  test("finds a value at a path behind many jobs that have it elsewhere", async () => {
    await using scene = await Scene.open(open);
    const calls = Array.from({ length: 400 }, () => ({ elsewhere: "needle", here: "no" }));
    await scene.client.enqueueMany((j) => calls.map((call) => j.mail.send(call)));
    const id = await scene.client.enqueue((j) => j.mail.send({ here: "needle" }));
    const page = await scene.read<"GET jobs">("jobs?state=Enqueued&args=needle&path=0.here");
    expect(page).toMatchObject({ rows: [{ id }], next: null, incomplete: null });
  });

  test("pages through jobs of all states, those that have ended newest first, each once", async () => {
    await using scene = await Scene.open(open);
    for (const user of [1, 2, 3]) {
      await scene.client.enqueue((j) => j.mail.send(user), { tags: ["t"] });
      await scene.client.enqueue((j) => j.mail.fail(`no ${user}`));
      await scene.run();
    }
    const ended = (await listed(scene, "limit=200")).map(({ stateAt }) => stateAt);
    expect(ended).toEqual(ended.toSorted((a, b) => b - a));
    for (const user of [4, 5, 6]) {
      await scene.client.enqueue((j) => j.mail.send(user), { queue: "slow", tags: ["t"] });
      await scene.client.delay((j) => j.mail.send(user), "1h");
    }
    const whole = await listed(scene, "limit=200");
    expect(whole.map(({ state }) => state).sort()).toEqual([
      ...["Enqueued", "Enqueued", "Enqueued", "Failed", "Failed", "Failed"],
      ...["Scheduled", "Scheduled", "Scheduled", "Succeeded", "Succeeded", "Succeeded"],
    ]);
    for (const limit of [1, 2, 5, 12])
      expect((await listed(scene, `limit=${limit}`)).map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    const tagged = await listed(scene, "limit=2&tag=t");
    expect(tagged.map(({ id }) => id).sort()).toEqual(
      whole.flatMap(({ id, tags }) => (tags.includes("t") ? [id] : [])).sort(),
    );
    const total = async () => (await scene.read<"GET jobs">("jobs?limit=1")).total;
    await expect.poll(total, SOON).toBe(12);
    expect((await scene.read<"GET jobs">("jobs?hold=due")).rows).toHaveLength(3);
    expect((await scene.read<"GET jobs">("jobs?after=x&limit=1")).rows).toMatchObject([{ id: whole[0]?.id }]);
  });

  test("finds what is held, and nothing else", async () => {
    await using scene = await Scene.open(open);
    await scene.client.enqueue((j) => j.mail.send(1));
    const held = await scene.client.delay((j) => j.mail.send(2), "1h");
    const found = async (query: string) => (await listed(scene, query)).map(({ id }) => id);
    expect(await found("state=Scheduled&hold=due")).toEqual([held]);
    expect(await found("state=Enqueued&hold=none")).toHaveLength(1);
    expect(await found("state=Enqueued&hold=unknown")).toEqual([]);
    expect(Scene.codeOf(await scene.get("jobs?hold=x"))).toBe("400 FL_DASHBOARD_INVALID");
  });

  test("shows the beginnings of large texts in lists, and all of a job by itself", async () => {
    await using scene = await Scene.open(open);
    const large = "x".repeat(100_000);
    const id = await scene.client.enqueue((j) => j.mail.send(large));
    const [waiting] = (await scene.read<"GET jobs">("jobs?state=Enqueued&with=args")).rows;
    expect(waiting?.args).toEqual({ value: null, text: `["${large}"]`.slice(0, 500), cut: true });
    await scene.run();
    const [row] = (await scene.read<"GET jobs">("jobs?state=Succeeded")).rows;
    expect(row).toMatchObject({ id, durationMs: expect.any(Number), latencyMs: expect.any(Number) });
    expect((await scene.read<"GET jobs">("jobs?state=Succeeded&args=xxxxx")).rows).toHaveLength(1);
    expect((await scene.read<"GET jobs/:id/arguments">(`jobs/${id}/arguments`)).text).toContain(large);
  });

  test("shows nothing of large arguments where something may be hidden", async () => {
    await using scene = await Scene.open(open, { redact: (value) => (value === "secret" ? "…" : value) });
    await scene.client.enqueue((j) => j.mail.send(`secret ${"x".repeat(100_000)}`));
    const [row] = (await scene.read<"GET jobs">("jobs?state=Enqueued&with=args")).rows;
    expect(row?.args).toEqual({ value: null, text: "", cut: true });
  });

  test("lists the jobs behind a job, page by page", async () => {
    await using scene = await Scene.open(open);
    const parent = await scene.client.enqueue((j) => j.mail.send("first"));
    const ids: string[] = [];
    for (const nth of [1, 2, 3]) ids.push(await scene.client.continueWith(parent, (j) => j.mail.send(nth)));
    const path = `jobs/${parent}/children`;
    const first = await scene.read<"GET jobs/:id/children">(`${path}?limit=2`);
    const second = await scene.read<"GET jobs/:id/children">(`${path}?limit=2&after=${first.next}`);
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(ids.sort());
    expect(first.rows).toMatchObject([{ state: "Awaiting", name: "mail.send" }, {}]);
    expect(second.next).toBe(null);
    await scene.run();
    expect((await scene.read<"GET jobs/:id/children">(path)).rows.map(({ state }) => state)).toEqual([
      ...["Succeeded", "Succeeded", "Succeeded"],
    ]);
    expect(Scene.codeOf(await scene.get("jobs/x/children"))).toBe("404 FL_DASHBOARD_NOT_FOUND");
  });

  test("shows all of a job, and does what a person wants of it", async () => {
    await using scene = await Scene.open(open);
    const id = await scene.client.enqueue((j) => j.mail.fail("a reason"));
    await scene.run();
    const job = await scene.read<"GET jobs/:id">(`jobs/${id}`);
    expect(job).toMatchObject({
      state: "Failed",
      attempt: 1,
      error: "TypeError: a reason",
      arguments: { value: ["a reason"], editable: true, redacted: false },
      actions: ["requeue", "delete", "reschedule", "replay"],
    });
    const states = job.history.map(({ state, attempt }) => [state, attempt]);
    expect(states).toEqual([
      ["Enqueued", null],
      ["Processing", 1],
      ["Failed", 1],
    ]);
    expect(job.history.at(-1)?.error).toMatchObject({ type: "TypeError", message: "a reason" });
    expect((await scene.post(`jobs/${id}/reschedule`, { in: 60_000 })).body).toMatchObject({ applied: true });
    expect(await scene.bench.state(id)).toBe("Scheduled");
    expect((await scene.post(`jobs/${id}/requeue`)).body).toMatchObject({ applied: true });
    expect((await scene.post(`jobs/${id}/delete`)).body).toMatchObject({ applied: true });
    expect(await scene.bench.state(id)).toBe("Deleted");
    const { audit } = await scene.read<"GET jobs/:id">(`jobs/${id}`);
    expect(audit.map(({ action, by, outcome }) => [action, by, outcome])).toEqual([
      ["job.delete", "eve", "applied"],
      ["job.requeue", "eve", "applied"],
      ["job.reschedule", "eve", "applied"],
    ]);
    expect(Scene.codeOf(await scene.post(`jobs/${GONE}/requeue`))).toBe("404 FL_DASHBOARD_NOT_FOUND");
  });

  test("replays a job, with other arguments too, and leaves the job alone", async () => {
    await using scene = await Scene.open(open);
    const id = await scene.client.enqueue((j) => j.mail.send({ at: new Date(0), n: 1n }), { tags: ["x"] });
    await scene.run();
    const same = await scene.post(`jobs/${id}/replay`);
    const value = (await scene.read<"GET jobs/:id">(`jobs/${id}`)).arguments?.value;
    const shown = await scene.post(`jobs/${id}/replay`, { arguments: value });
    const edited = await scene.post(`jobs/${id}/replay`, {
      arguments: ["other", { $placeholder: "job.id" }],
    });
    await scene.run();
    const ids = [id, ...[same, shown, edited].map(({ body }) => (body as { id: string }).id)];
    const [job, again, asShown, other] = await Promise.all(ids.map((one) => scene.client.get(one)));
    expect(job?.history).toHaveLength(3);
    expect(again?.arguments).toEqual([{ at: new Date(0), n: 1n }]);
    expect(again).toMatchObject({ state: "Succeeded", tags: ["x"], name: "mail.send" });
    expect(asShown?.arguments).toEqual(again?.arguments);
    expect(other?.arguments).toEqual(["other", "{job.id}"]);
    expect(again?.history[0]).toMatchObject({ replayOf: id });
  });

  test("changes jobs that were picked, and tells which it could not", async () => {
    await using scene = await Scene.open(open);
    const ids = [await scene.client.delay((j) => j.mail.send(1), "1h")];
    ids.push(await scene.client.delay((j) => j.mail.send(2), "1h"));
    const answer = await scene.post("jobs/bulk", { action: "delete", ids: [...ids, GONE, ids[0]] });
    expect(answer.body).toMatchObject({ applied: 2, failed: [{ id: GONE }], left: [] });
    expect(await scene.bench.storage.counts()).toMatchObject({ Deleted: 2, Scheduled: 0 });
    const { rows } = await scene.read<"GET audit">("audit?action=jobs.bulk-delete");
    expect(rows).toMatchObject([{ by: "eve", outcome: "applied", details: { applied: 2, failed: 1 } }]);
  });

  test("groups errors, and finds the jobs of a group", async () => {
    await using scene = await Scene.open(open);
    for (const why of ["one 1", "one 2", "other"]) await scene.client.enqueue((j) => j.mail.fail(why));
    await scene.run();
    const { groups, failed } = await scene.read<"GET errors">("errors");
    expect(failed).toBe(3);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    const filter = encodeURIComponent(groups[0]?.filter?.error ?? "");
    const { rows } = await scene.read<"GET jobs">(`jobs?state=Failed&error=${filter}`);
    expect(rows).toHaveLength(groups[0]?.count ?? -1);
  });

  test("counts what an operation would do, begins it, and files it when it is aborted", async () => {
    await using scene = await Scene.open(open);
    for (const n of [1, 2, 3]) await scene.client.delay((j) => j.mail.send(n), "1h");
    const request = { kind: "delete", filter: { state: "Scheduled", name: "mail.send" } };
    const counted = await scene.post("operations", { ...request, dryRun: true });
    expect(counted.body).toMatchObject({ operation: null, dryRun: { matches: 3, byName: [{ count: 3 }] } });
    for (const kind of ["move", "reschedule"]) {
      const alone = await scene.post("operations", { ...request, kind, dryRun: true });
      expect(alone.body).toMatchObject({ operation: null, dryRun: { matches: 3 } });
      expect(Scene.codeOf(await scene.post("operations", { ...request, kind }))).toBe(
        "400 FL_DASHBOARD_INVALID",
      );
    }
    const begun = await scene.post("operations", request);
    expect(begun.body).toMatchObject({ operation: { state: "running", by: "eve", matches: 3, applied: 0 } });
    const { id } = (begun.body as { operation: { id: string } }).operation;
    expect((await scene.post(`operations/${id}/abort`)).body).toMatchObject({ applied: true });
    expect((await scene.post(`operations/${id}/abort`)).body).toMatchObject({ applied: false });
    const { rows } = await scene.read<"GET operations">("operations");
    expect(rows).toMatchObject([{ id, state: "aborted" }]);
    expect((await scene.bench.storage.counts()).Scheduled).toBe(3);
    const refused = await scene.post("operations", { kind: "requeue", filter: { state: "Processing" } });
    expect(Scene.codeOf(refused)).toBe("400 FL_DASHBOARD_INVALID");
  });
});

/** All rows of a search, page by page. */
async function listed(scene: Scene, query: string): Promise<readonly JobRow[]> {
  const rows: JobRow[] = [];
  for (let after = ""; ; ) {
    const page = await scene.read<"GET jobs">(`jobs?${query}${after}`);
    expect(page.incomplete).toBe(null);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}
