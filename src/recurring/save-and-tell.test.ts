import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { MemoryStorage } from "../drivers/memory/index.ts";
import { newJob } from "../testing/contract/builders.ts";
import { saveAndTell } from "./save-and-tell.ts";

test("what is told of a slot's job is the state in which its filters had it stored", async () => {
  const told: unknown[] = [];
  const hear = (message: unknown) => void told.push(message);
  subscribe("firelater:job:enqueued", hear);
  onTestFinished(() => void unsubscribe("firelater:job:enqueued", hear));
  const state = { nextAt: null, definition: "{}", status: "{}" };
  const jobs = [newJob({ name: "now" }), newJob({ name: "later", due: { in: 1_000 } })];
  await saveAndTell(new MemoryStorage(), [{ id: "digest", version: 0, state, jobs }]);
  expect(told).toMatchObject([
    { name: "now", state: "Enqueued", recurring: "digest" },
    { name: "later", state: "Scheduled", recurring: "digest" },
  ]);
});
