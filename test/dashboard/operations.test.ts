import { expect, test } from "vitest";
import { LEASE_MS } from "../../src/operations/operation.ts";
import { OperationRecords } from "../../src/operations/operation-records.ts";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

const FAILED = { state: "Failed" };

function idOf({ body }: { readonly body: unknown }): string {
  return (body as { readonly operation: { readonly id: string } }).operation.id;
}

test("one whose server has died without another is over as soon as it is aborted", async () => {
  let now = Date.now();
  await using scene = new Scene(Workbench.inMemory(() => now));
  const id = idOf(await scene.post("operations", { kind: "requeue", filter: FAILED }));
  const worker = { token: "t", incarnation: "dead:1" };
  await new OperationRecords(scene.bench.storage).change(id, ({ operation }) => ({ ...operation, worker }));
  const state = async () => (await scene.read<"GET operations/:id">(`operations/${id}`)).state;
  expect((await scene.post(`operations/${id}/abort`)).body).toMatchObject({ applied: true });
  expect(await state()).toBe("aborting");
  now += LEASE_MS;
  expect((await scene.post(`operations/${id}/abort`)).body).toMatchObject({ applied: true });
  expect(await state()).toBe("aborted");
});

test("one can be begun while the storage is too slow to count", async () => {
  await using scene = new Scene(Workbench.inMemory());
  const answered = scene.bench.broken.hold("list");
  const begun = await scene.post("operations", { kind: "delete", filter: FAILED });
  answered();
  expect(begun.body).toMatchObject({ operation: { state: "running", matches: null } });
});

test.each<[object, string]>([
  [{ kind: "move", filter: { state: "Enqueued" } }, "not said where"],
  [{ kind: "move", filter: { state: "Enqueued" }, queue: "No Queue" }, "No Queue"],
  [{ kind: "move", filter: FAILED, queue: "slow" }, "cannot move jobs that are Failed"],
  [{ kind: "delete", filter: FAILED, queue: "slow" }, "Only requeue and move"],
  [{ kind: "requeue", filter: FAILED, in: 1 }, "Only reschedule"],
  [{ kind: "reschedule", filter: FAILED }, "not said for when"],
  [{ kind: "reschedule", filter: FAILED, in: 1, at: 1 }, "not said for when"],
  [{ kind: "reschedule", filter: { state: "Processing" }, in: 1 }, "cannot reschedule"],
  [{ kind: "requeue", filter: { state: "Enqueued" } }, "cannot requeue"],
  [{ kind: "delete", filter: { state: "Deleted" } }, "cannot delete"],
  [{ kind: "delete", filter: {} }, "state"],
  [{ kind: "delete", filter: JSON.parse('{"state":"Failed","__proto__":{"name":"x"}}') }, "__proto__"],
  [{ kind: "burn", filter: FAILED }, "burn"],
  [{ kind: "delete", filter: FAILED, pace: 0 }, "pace"],
])("what makes no sense is refused, in words: %j", async (body, why) => {
  await using scene = new Scene(Workbench.inMemory());
  const answer = await scene.post("operations", body);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain(why);
  expect((await scene.read<"GET operations">("operations")).rows).toEqual([]);
});

test.each([
  ["move", "requeue", { queue: "slow", filter: { state: "Scheduled" } }],
  ["reschedule", "reschedule", { in: 1, filter: FAILED }],
  ["requeue", "requeue", { filter: FAILED }],
  ["delete", "delete", { filter: FAILED }],
] as const)("to %s needs operate and %s, and so does its abort", async (kind, permission, body) => {
  const bench = Workbench.inMemory();
  const scene = (...permissions: string[]) =>
    new Scene(bench, {
      authorize: () => ({ permissions: ["view", ...permissions] as readonly "view"[] }),
    });
  await using having = scene("operate", permission);
  const others = ["requeue", "delete", "reschedule"].filter((one) => one !== permission);
  const lacking = [scene("operate", ...others), scene(...others, permission)];
  const begun = await having.post("operations", { kind, ...body });
  expect(begun.status).toBe(200);
  for (const one of lacking) {
    expect(Scene.codeOf(await one.post("operations", { kind, ...body }))).toBe("403 FL_DASHBOARD_FORBIDDEN");
    expect((await one.post(`operations/${idOf(begun)}/abort`)).status).toBe(403);
  }
  expect((await having.post(`operations/${idOf(begun)}/abort`)).body).toMatchObject({ applied: true });
});
