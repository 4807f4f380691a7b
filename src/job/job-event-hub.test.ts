import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, it, onTestFinished } from "vitest";
import { quietConsole } from "../base/logger.ts";
import { JobEventHub } from "./job-event-hub.ts";

interface Events {
  succeeded: { readonly id: string };
  failed: { readonly id: string };
}

const hub = () =>
  new JobEventHub<Events>({
    names: ["succeeded", "failed"],
    label: "the events of a test",
    logger: quietConsole,
    teller: { server: "mine" },
  });

/** What is published on a channel until the test ends. */
function published(channel: string): unknown[] {
  const messages: unknown[] = [];
  const hear = (message: unknown) => void messages.push(message);
  subscribe(channel, hear);
  onTestFinished(() => void unsubscribe(channel, hear));
  return messages;
}

it("hears for its listeners and for the subscribers of its channels, and for nobody else", () => {
  const events = hub();
  expect(events.hears("succeeded")).toBe(false);
  const off = events.on("succeeded", () => {});
  expect(events.hears("succeeded")).toBe(true);
  off();
  expect(events.hears("succeeded")).toBe(false);
  published("firelater:job:succeeded");
  expect(events.hears("succeeded")).toBe(true);
  expect(events.hears("failed")).toBe(false);
});

it("publishes the event with who tells it, as a plain object of its own", () => {
  const messages = published("firelater:job:failed");
  const told: unknown[] = [];
  const events = hub();
  events.on("failed", (event) => told.push(event));
  const event = { id: "7" };
  events.emit("failed", event);
  expect(told[0]).toBe(event);
  expect(messages).toEqual([{ id: "7", server: "mine" }]);
  expect(event).toEqual({ id: "7" });
});

it("refuses a listener that is no function, and an event that does not exist", () => {
  const listen = (...args: unknown[]) => Reflect.apply(Reflect.get(hub(), "on"), hub(), args);
  for (const args of [["failed"], ["failed", null], ["started", () => {}], [undefined, () => {}]]) {
    expect(() => listen(...args)).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
  }
});
