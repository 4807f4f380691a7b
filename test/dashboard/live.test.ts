import { describe, expect, test } from "vitest";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

describe("live streams", () => {
  const open = (scene: Scene, method: string) =>
    scene.dashboard.fetch(new Request("http://localhost/api/events", { method }));

  test("are not taken by those who ask for the headers alone", async () => {
    await using scene = new Scene(Workbench.inMemory());
    for (let nth = 0; nth < 250; nth++) expect((await open(scene, "HEAD")).status).toBe(200);
    const response = await open(scene, "GET");
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test("are bounded, and their places are given back", async () => {
    await using scene = new Scene(Workbench.inMemory());
    const streams = await Promise.all(Array.from({ length: 200 }, () => open(scene, "GET")));
    expect((await open(scene, "GET")).status).toBe(503);
    for (const { body } of streams) await body?.cancel();
    const again = await open(scene, "GET");
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  test("that were given up before they began take no place", async () => {
    const bench = Workbench.inMemory();
    await using scene = new Scene(bench);
    const answered = bench.broken.hold("counts");
    const late = await Promise.all(Array.from({ length: 210 }, () => open(scene, "GET")));
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([503]));
    answered();
    await expect.poll(async () => (await scene.get("snapshot")).status).toBe(200);
    const response = await open(scene, "GET");
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });
});

test("what the dashboard is asked again and again is not sent again while nothing has changed", async () => {
  await using scene = new Scene(Workbench.inMemory());
  await scene.client.delay((j) => j.mail.send(1), "1h");
  for (const path of ["snapshot", "overview", "queues", "servers", "jobs?state=Scheduled", "operations"]) {
    const { headers } = await scene.get(path);
    const known = { "if-none-match": headers.get("etag") ?? "" };
    expect([path, (await scene.get(path, known)).status]).toEqual([path, 304]);
  }
  const { headers } = await scene.get("jobs?state=Scheduled");
  await scene.client.delay((j) => j.mail.send(2), "1h");
  const known = { "if-none-match": headers.get("etag") ?? "" };
  expect((await scene.get("jobs?state=Scheduled", known)).status).toBe(200);
});
