import { describe, expect, it } from "vitest";
import { EventHub } from "./events.ts";

interface Events {
  done: { readonly id: number };
  lost: string;
}

function hub() {
  const failures: [unknown, keyof Events][] = [];
  return { failures, events: new EventHub<Events>((error, event) => failures.push([error, event])) };
}

describe("EventHub", () => {
  it("gives an event to every listener of its name, in the order in which they came", () => {
    const { events } = hub();
    const heard: string[] = [];
    events.on("done", ({ id }) => heard.push(`first ${id}`));
    events.on("lost", (text) => heard.push(text));
    events.on("done", ({ id }) => heard.push(`second ${id}`));
    events.emit("done", { id: 7 });
    expect(heard).toEqual(["first 7", "second 7"]);
  });

  it("gives nothing to a listener that was removed, also twice, also during an event", () => {
    const { events } = hub();
    const heard: number[] = [];
    const remove = events.on("done", ({ id }) => {
      heard.push(id);
      remove();
    });
    events.emit("done", { id: 1 });
    remove();
    events.emit("done", { id: 2 });
    expect(heard).toEqual([1]);
  });

  it("knows whether anybody listens", () => {
    const { events } = hub();
    expect(events.hears("done")).toBe(false);
    const remove = events.on("done", () => {});
    expect(events.hears("done")).toBe(true);
    remove();
    expect(events.hears("done")).toBe(false);
  });

  it("reports a listener that throws, and still calls the others", () => {
    const { events, failures } = hub();
    const heard: number[] = [];
    const mistake = new Error("mine");
    events.on("done", () => {
      throw mistake;
    });
    events.on("done", ({ id }) => heard.push(id));
    events.emit("done", { id: 3 });
    expect(heard).toEqual([3]);
    expect(failures).toEqual([[mistake, "done"]]);
  });

  it("reports an async listener that rejects: it is no unhandled rejection", async () => {
    const { events, failures } = hub();
    const mistake = new Error("later");
    events.on("done", async () => {
      throw mistake;
    });
    events.emit("done", { id: 4 });
    await expect.poll(() => failures).toEqual([[mistake, "done"]]);
  });
});
