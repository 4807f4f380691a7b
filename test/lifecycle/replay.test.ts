import { currentJob, defineJobs, type JobFilter } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

const ran: unknown[] = [];
const jobs = defineJobs(
  {
    mail: (to: unknown) => {
      ran.push([to, currentJob().dueAt]);
    },
  },
  { mail: { tags: ["to {0}"], displayName: "Mail to {0}", concurrency: { limit: 1, key: "mail {0}" } } },
);

describe.each(STORAGES)("a replay, on %s", (_, open) => {
  test("makes the call again as it is stored: where it goes, what it is for, and what limits it", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const at = new Date(Date.now() - 60_000);
    const id = await client.schedule((j) => j.mail("eve"), at, {
      priority: 3,
      queue: "slow",
      parameters: { x: 1 },
    });
    const again = await client.replay(id);
    const job = await client.get(again ?? "");
    expect(job).toMatchObject({
      state: "Enqueued",
      queue: "slow",
      priority: 3,
      arguments: ["eve"],
      tags: ["to eve"],
    });
    expect(job).toMatchObject({ displayName: "Mail to eve", limit: { key: "mail eve" }, parameters: {} });
    expect(job?.history[0]).toMatchObject({ reason: `Replay of ${id}`, replayOf: id });
    ran.length = 0;
    const server = await bench.serve(jobs, { queues: ["slow"] });
    await client.result(again ?? "", { timeout: "20s" });
    await server.stop();
    expect(ran).toContainEqual(["eve", at]);
  });

  test("with other arguments says anew what depends on them, and is held against the same rules", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.delay((j) => j.mail("eve"), "1h");
    const again = await client.replay(id, { arguments: ["ann"], queue: "other" });
    expect(await client.get(again ?? "")).toMatchObject({
      ...{ queue: "other", arguments: ["ann"], displayName: "Mail to ann", limit: { key: "mail ann" } },
    });
    const refused = client.replay(id, { arguments: [() => {}] });
    await expect(refused).rejects.toMatchObject({ code: "FL_UNSTORABLE_ARGUMENT" });
    await expect(client.replay(id, { queue: "No" })).rejects.toMatchObject({ code: "FL_INVALID_QUEUE" });
    expect(await client.replay(crypto.randomUUID())).toBe(null);
  });

  test("cannot take the results of parents that it does not have", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.delay((j) => j.mail("eve"), "1h");
    const id = await client.continueWith(parent, (j, { result }) => j.mail(result));
    await expect(client.replay(id)).rejects.toMatchObject({ code: "FL_REPLAY_REFUSED" });
    expect(await client.replay(id, { arguments: ["nothing"] })).not.toBe(null);
  });

  test("goes past the filters of its job, which may refuse it", async () => {
    await using bench = await open();
    const refusing: JobFilter = { onCreating: ({ cancel }) => cancel("not now") };
    const id = await bench.client(jobs).delay((j) => j.mail("eve"), "1h");
    const filtering = bench.filtering(jobs, refusing);
    await expect(filtering.replay(id)).rejects.toMatchObject({ code: "FL_ENQUEUE_CANCELLED" });
  });

  test("a recurring job is edited in when and where it runs, and only as it was seen", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("digest", (j) => j.mail("eve"), "0 9 * * *");
    const [seen] = await bench.storage.getRecurring(["digest"]);
    const edit = { cron: "0 8 * * *", timeZone: "Europe/Paris", queue: "slow", priority: 2 };
    expect(await recurring.edit("digest", edit, seen?.version)).toBe("applied");
    expect(await recurring.get("digest")).toMatchObject({ ...edit, arguments: ["eve"], misfire: "relaxed" });
    expect(await recurring.edit("digest", { misfire: "strict" }, seen?.version)).toBe("changed");
    expect(await recurring.edit("digest", { misfire: "strict" })).toBe("applied");
    expect(await recurring.edit("nothing", {})).toBe("gone");
    await expect(recurring.edit("digest", { cron: "x" })).rejects.toMatchObject({ code: "FL_INVALID_CRON" });
    await expect(recurring.edit("digest", { timeZone: "x" })).rejects.toMatchObject({
      code: "FL_UNKNOWN_TIME_ZONE",
    });
    // What code defines is as the code says again.
    expect(await recurring.addOrUpdate("digest", (j) => j.mail("eve"), "0 9 * * *")).toBe("updated");
  });
});
