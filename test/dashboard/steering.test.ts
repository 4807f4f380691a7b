import { describe, expect, test } from "vitest";
import { jobs, Scene, SOON, STORAGES } from "./scene.ts";

describe.each(STORAGES)("what people steer through the dashboard, on %s", (_, open) => {
  test("recurring jobs are shown, triggered, paused, edited and removed", async () => {
    await using scene = await Scene.open(open);
    const recurring = scene.bench.recurring(jobs);
    await recurring.addOrUpdate("digest", (j, job) => j.mail.send(job.dueAt), "30 2 * * *", {
      timeZone: "Europe/Paris",
    });
    await recurring.addOrUpdate("other", (j) => j.mail.send(1), "@daily");
    const page = await scene.read<"GET recurring">("recurring?search=dig");
    expect(page.rows).toMatchObject([{ id: "digest", name: "mail.send", state: "active" }]);
    expect((await scene.read<"GET recurring">("recurring?limit=1")).next).toBe("digest");
    const { body } = await scene.post("recurring/digest/trigger");
    const { jobId } = body as { jobId: string };
    const details = await scene.read<"GET recurring/:id">("recurring/digest");
    expect(details).toMatchObject({ lastJobId: jobId, lastJobState: "Enqueued" });
    expect(details.nextRuns).toHaveLength(10);
    expect(details.lastRuns).toMatchObject([{ id: jobId }]);
    const edited = await scene.post("recurring/digest/edit", { version: details.version, cron: "0 9 * * *" });
    expect(edited.body).toMatchObject({ applied: true });
    const again = await scene.post("recurring/digest/edit", { version: details.version, cron: "0 8 * * *" });
    expect(Scene.codeOf(again)).toBe("409 FL_DASHBOARD_CONFLICT");
    expect(await recurring.get("digest")).toMatchObject({ cron: "0 9 * * *", timeZone: "Europe/Paris" });
    await scene.post("recurring/digest/pause");
    expect((await recurring.get("digest"))?.state).toBe("paused");
    await scene.post("recurring/digest/resume");
    expect((await recurring.get("digest"))?.state).toBe("active");
    await scene.post("recurring/digest/remove");
    expect(Scene.codeOf(await scene.post("recurring/digest/remove"))).toBe("404 FL_DASHBOARD_NOT_FOUND");
    expect(await recurring.get("digest")).toBe(null);
    const trail = await scene.read<"GET audit">("audit?subject=digest");
    expect(trail.rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "recurring.remove failed",
      "recurring.remove applied",
      "recurring.resume applied",
      "recurring.pause applied",
      "recurring.edit failed",
      "recurring.edit applied",
      "recurring.trigger applied",
    ]);
  });

  test("an expression that is being typed is previewed, or told to be none", async () => {
    await using scene = await Scene.open(open);
    const preview = (cron: string) =>
      scene.post("recurring/preview", { cron, timeZone: "Europe/Paris", count: 3 });
    expect((await preview("0 9 * * *")).body).toMatchObject({ error: null, nextRuns: [{}, {}, {}] });
    expect((await preview("0 9 *")).body).toMatchObject({
      nextRuns: [],
      error: expect.stringContaining("fields"),
    });
  });

  test("queues are paused with a note and resumed", async () => {
    await using scene = await Scene.open(open);
    await scene.client.enqueue((j) => j.mail.send(1), { queue: "slow" });
    await scene.post("queues/slow/pause", { note: "they asked" });
    expect(await scene.bench.storage.admin.queues()).toMatchObject([
      { queue: "slow", paused: { note: "they asked" } },
    ]);
    const shown = async () => (await scene.read<"GET queues">("queues")).queues;
    await expect.poll(shown, SOON).toMatchObject([{ queue: "slow", ready: 1, consumers: [], slots: 0 }]);
    expect((await scene.post("queues/slow/resume")).body).toMatchObject({ applied: true });
    expect((await scene.post("queues/slow/resume")).body).toMatchObject({ applied: false });
    expect(Scene.codeOf(await scene.post("queues/No%20Queue/pause"))).toBe("400 FL_INVALID_QUEUE");
  });

  test("servers tell how they are, and are told to be quiet", async () => {
    await using scene = await Scene.open(open);
    await scene.bench.serve(jobs, { name: "web", workerCount: 3 });
    const vitals = async () => (await scene.read<"GET servers">("servers")).servers[0]?.vitals?.phase;
    await expect.poll(vitals, SOON).toBe("running");
    const { servers } = await scene.read<"GET servers">("servers");
    expect(servers).toMatchObject([{ name: "web", workerCount: 3, live: true, processing: 0 }]);
    const incarnation = encodeURIComponent(servers[0]?.incarnation ?? "");
    expect((await scene.post(`servers/${incarnation}/quiet`)).body).toMatchObject({ applied: true });
    await expect.poll(vitals, SOON).toBe("quiet");
    expect(Scene.codeOf(await scene.post("servers/nobody/stop"))).toBe("404 FL_DASHBOARD_NOT_FOUND");
  });

  test("views are saved for all, and lead nowhere but to the dashboard", async () => {
    await using scene = await Scene.open(open);
    const saved = await scene.post("views", { name: "Mail", link: "jobs?state=Failed&queue=mail" });
    expect(saved.body).toMatchObject({ name: "Mail", by: "eve" });
    for (const link of ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/jobs"])
      expect(Scene.codeOf(await scene.post("views", { name: "x", link }))).toBe("400 FL_DASHBOARD_INVALID");
    const { rows } = await scene.read<"GET views">("views");
    expect(rows).toHaveLength(1);
    await scene.post(`views/${rows[0]?.id}/remove`);
    expect((await scene.read<"GET views">("views")).rows).toEqual([]);
  });

  test("a live stream tells of the whole and of a watched job", async () => {
    await using scene = await Scene.open(open);
    const id = await scene.client.delay((j) => j.mail.send(1), "1h");
    const response = await scene.dashboard.fetch(new Request(`http://localhost/api/events?jobs=${id}`));
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const hears = async (text: string) => {
      while (!heard.includes(text)) heard += (await reader?.read())?.value ?? "";
    };
    await hears("event: snapshot");
    await hears('"state":"Scheduled"');
    await scene.client.delete(id);
    await hears('"state":"Deleted"');
    await scene.dashboard.close();
    await hears("event: bye");
    expect((await reader?.read())?.done).toBe(true);
  });
});
