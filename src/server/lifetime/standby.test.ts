import { describe, expect, it } from "vitest";
import { RecordingLogger } from "../../../test/lifecycle/recording-logger.ts";
import { newId } from "../../base/ids.ts";
import { Standby } from "./standby.ts";

/** Servers of one name that nobody else has, each noting when it fetches. */
function line() {
  const storage = newId();
  const fetching: string[] = [];
  const logger = new RecordingLogger();
  const join = (id: string, fetch: () => Promise<void> = async () => void fetching.push(id)) =>
    new Standby({ name: "web", storage, logger }, fetch);
  return { join, fetching, logger };
}

describe("Standby", () => {
  it("lets the first fetch, and the next when the first has left", async () => {
    const { join, fetching } = line();
    const [first, second] = [join("first"), join("second")];
    await first.enter();
    await second.enter();
    expect(fetching).toEqual(["first"]);
    await first.close();
    first.leave();
    expect(fetching).toEqual(["first", "second"]);
    await second.close();
    second.leave();
  });

  it("rejects when the first could not begin", async () => {
    const failing = line().join("first", () => Promise.reject(new Error("no store")));
    await expect(failing.enter()).rejects.toThrow("no store");
    failing.leave();
  });

  it("asks a store that fails again when it takes over: nobody else would fetch", async () => {
    const { join, logger } = line();
    let failures = 2;
    let fetches = 0;
    const first = join("first");
    const second = join("second", async () => {
      if (failures-- > 0) throw new Error("no store");
      fetches++;
    });
    await first.enter();
    await second.enter();
    first.leave();
    await expect.poll(() => fetches).toBe(1);
    expect(logger.texts("warn", "could not take over")).toHaveLength(2);
    second.leave();
  });

  it("takes no turn once it is closing, and hands it on", async () => {
    const { join, fetching } = line();
    const [first, second, third] = [join("first"), join("second"), join("third")];
    for (const one of [first, second, third]) await one.enter();
    await second.close();
    first.leave();
    expect(fetching).toEqual(["first"]);
    second.leave();
    expect(fetching).toEqual(["first", "third"]);
    await third.close();
    third.leave();
  });

  it("takes no turn once it has left, and no place when it enters after that", async () => {
    const { join, fetching } = line();
    const [first, second, third] = [join("first"), join("second"), join("third")];
    first.leave();
    await first.enter();
    await second.enter();
    await third.enter();
    expect(fetching).toEqual(["first", "second"]);
    third.leave();
    second.leave();
    expect(fetching).toEqual(["first", "second"]);
    for (const one of [first, second, third]) await one.close();
  });

  it("waits, when it closes, for a turn that has begun", async () => {
    const { join } = line();
    const begun = Promise.withResolvers<void>();
    const first = join("first");
    const second = join("second", () => begun.promise);
    await first.enter();
    await second.enter();
    first.leave();
    let closed = false;
    const closing = second.close().then(() => (closed = true));
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    begun.resolve();
    await closing;
    second.leave();
  });
});
