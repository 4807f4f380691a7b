import { expect, it } from "vitest";
import { quietConsole } from "../base/logger.ts";
import { newJob } from "../testing/contract/builders.ts";
import { ClientEventHub } from "./client-events.ts";

/** A job that fails whoever looks at it. */
const untouchable = () =>
  new Proxy(newJob(), {
    get: () => {
      throw new Error("somebody looked");
    },
  });

it("looks at no job while nobody hears, nor where only other events are heard", () => {
  const events = new ClientEventHub(quietConsole);
  events.stored([untouchable()], [{ outcome: "inserted" }]);
  events.on("deleted", () => {});
  events.stored([untouchable()], [{ outcome: "inserted" }]);
});

it("says what a new job waits for, and tells repeats apart", () => {
  const events = new ClientEventHub(quietConsole);
  const told: object[] = [];
  events.on("enqueued", (event) => told.push(event));
  events.on("existed", (event) => told.push({ ...event, existed: true }));
  const jobs = [
    newJob({ name: "now" }),
    newJob({ name: "later", due: { in: 5 } }),
    newJob({ name: "after", gate: { parents: ["p"], condition: "succeeded" } }),
    newJob({ name: "again" }),
    newJob({ name: "orphan" }),
  ];
  events.stored(jobs, [
    { outcome: "inserted" },
    { outcome: "inserted" },
    { outcome: "inserted" },
    { outcome: "exists" },
    { outcome: "parent-not-found", parent: "p" },
  ]);
  const [now, later, after, again] = jobs.map(({ id, name, queue }) => ({ id, name, queue }));
  expect(told).toEqual([
    { ...now, state: "Enqueued" },
    { ...later, state: "Scheduled" },
    { ...after, state: "Awaiting" },
    { ...again, existed: true },
  ]);
});
