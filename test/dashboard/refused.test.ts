import { expect, test } from "vitest";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

test.each([
  "jobs/../../../logout",
  "jobs/%2e%2e/%2E%2e/logout",
  "jobs/.\t./../../logout",
  "jobs/..\n/../../logout",
  "jobs\\..\\..",
])("a view leads nowhere but below the dashboard: %j", async (link) => {
  await using scene = new Scene(Workbench.inMemory());
  expect(Scene.codeOf(await scene.post("views", { name: "x", link }))).toBe("400 FL_DASHBOARD_INVALID");
});

const NO_PLACES = ["x", "1", "1.x", "NaN.NaN", "1.1.1", "-1.0"];

test.each(NO_PLACES)("a place in a log that is none: %s", async (before) => {
  await using scene = new Scene(Workbench.inMemory());
  const id = await scene.client.enqueue((j) => j.mail.send(1));
  expect((await scene.get(`jobs/${id}/logs?before=${before}`)).status).toBe(400);
  expect((await scene.get(`jobs/${id}/logs?before=12.0`)).status).toBe(200);
});

test("a server of an old version is asked, and it is said that it may not hear", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const { storage } = scene.bench;
  await storage.announce({
    ...{ incarnation: "old:1", name: "old", host: "h", pid: 1, pidStartedAt: "", queues: ["default"] },
    ...{ workerCount: 1, timeoutMs: 60_000 },
  });
  const { servers } = await scene.read<"GET servers">("servers");
  expect(servers).toMatchObject([{ name: "old", live: true, vitals: null }]);
  const note = async () => (await scene.post("servers/old%3A1/quiet")).body;
  expect(await note()).toMatchObject({ applied: true, note: expect.stringContaining("does not hear") });
  await storage.admin.report("old:1", "{}");
  expect(await note()).toMatchObject({ note: expect.stringContaining("within a few seconds") });
});

test("a number that would take seconds to read is refused at once", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const id = await scene.client.delay((j) => j.mail.send(1), "1h");
  const replay = (digits: number) =>
    scene.post(`jobs/${id}/replay`, { arguments: [{ $bigint: "9".repeat(digits) }] });
  expect(Scene.codeOf(await replay(10_001))).toBe("400 FL_DASHBOARD_INVALID");
  expect((await replay(10_000)).status).toBe(200);
});
