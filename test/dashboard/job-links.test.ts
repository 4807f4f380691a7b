import type { JobLink, LinkedJob } from "firelater/dashboard";
import { expect, test, vi } from "vitest";
import { Workbench } from "../lifecycle/workbench.ts";
import { Scene } from "./scene.ts";

const LOG = { text: "Log", url: "https://logs.example.com/?job=1" };

async function linksOf(jobLinks: (job: LinkedJob) => readonly JobLink[], permissions?: readonly ["view"]) {
  await using scene = await Scene.open(() => Workbench.inMemory(), {
    jobLinks,
    ...(permissions === undefined ? {} : { authorize: () => ({ name: "eve", permissions }) }),
  });
  const id = await scene.client.enqueue((j) => j.mail.send({ user: 42 }), { tags: ["eu"] });
  const { links } = await scene.read<"GET jobs/:id">(`jobs/${id}`);
  return { id, links, told: scene.bench.logger.lines.map(({ text }) => text) };
}

test("links are made of what is stored of the job", async () => {
  const linked: LinkedJob[] = [];
  const { id, links } = await linksOf((job) => {
    linked.push(job);
    return [LOG, { text: "Customer", url: "/customers/42" }];
  });
  expect(links).toEqual([LOG, { text: "Customer", url: "/customers/42" }]);
  expect(linked).toEqual([
    expect.objectContaining({ id, name: "mail.send", queue: "default", tags: ["eu"], args: [{ user: 42 }] }),
  ]);
});

test("who may not see what jobs work with gets none, and nothing is asked", async () => {
  const jobLinks = vi.fn(() => [LOG]);
  expect((await linksOf(jobLinks, ["view"])).links).toEqual([]);
  expect(jobLinks).not.toHaveBeenCalled();
});

test.each([
  "javascript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "//evil.example.com",
  "/\\evil.example.com",
  "mailto:a@example.com",
  "",
  `https://example.com/${"x".repeat(2_000)}`,
])("an address such as %j is not shown, and said", async (url) => {
  const { links, told } = await linksOf(() => [{ text: "Bad", url }, LOG]);
  expect(links).toEqual([LOG]);
  expect(told.join("\n")).toContain("gave a link that is not shown (Bad)");
});

test("more than ten are cut, and a function that throws gives none", async () => {
  expect((await linksOf(() => Array.from({ length: 12 }, () => LOG))).links).toHaveLength(10);
  const { links, told } = await linksOf(() => {
    throw new Error("no such customer");
  });
  expect(links).toEqual([]);
  expect(told.join("\n")).toContain("jobLinks of the dashboard has failed");
});
