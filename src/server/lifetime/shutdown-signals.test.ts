import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ShutdownSignals } from "./shutdown-signals.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Raises a signal as the process does, without ending the process of the test. */
const raise = (signal: (typeof SIGNALS)[number]) => void process.emit(signal);

describe("ShutdownSignals", () => {
  const kill = vi.spyOn(process, "kill");
  const others = new Map<NodeJS.Signals, NodeJS.SignalsListener[]>();

  beforeEach(() => {
    // The test runner listens too; here only the listeners of the test count.
    for (const signal of SIGNALS) others.set(signal, process.listeners(signal));
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    kill.mockReset().mockReturnValue(true);
  });
  afterEach(() => {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    process.removeAllListeners("beforeExit");
    for (const [signal, listeners] of others) for (const listener of listeners) process.on(signal, listener);
  });

  it.each(SIGNALS)(
    "drains at %s, removes its handlers and sends it again when nothing is left",
    async (signal) => {
      const drain = Promise.withResolvers<void>();
      new ShutdownSignals(() => drain.promise);
      raise(signal);
      drain.resolve();
      await expect.poll(() => SIGNALS.map((one) => process.listenerCount(one))).toEqual([0, 0]);
      // What the application does after the drain comes first.
      expect(kill).not.toHaveBeenCalled();
      process.emit("beforeExit", 0);
      expect(kill.mock.calls).toEqual([[process.pid, signal]]);
    },
  );

  it("sends it again after two seconds when something keeps the process", async () => {
    vi.useFakeTimers();
    try {
      new ShutdownSignals(async () => {});
      raise("SIGTERM");
      await vi.advanceTimersByTimeAsync(1_900);
      expect(kill).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(200);
      expect(kill.mock.calls).toEqual([[process.pid, "SIGTERM"]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("leaves the end to the application when it listens too", async () => {
    const drained = vi.fn(async () => {});
    new ShutdownSignals(drained);
    process.on("SIGTERM", () => {});
    raise("SIGTERM");
    await expect.poll(() => process.listenerCount("SIGTERM")).toBe(1);
    expect(drained).toHaveBeenCalledOnce();
    expect(kill).not.toHaveBeenCalled();
  });

  it("ends the process at once at the second signal, of whichever kind", async () => {
    const drained = vi.fn(() => new Promise<void>(() => {}));
    new ShutdownSignals(drained);
    raise("SIGTERM");
    raise("SIGINT");
    await expect.poll(() => kill.mock.calls).toEqual([[process.pid, "SIGINT"]]);
    expect(drained).toHaveBeenCalledOnce();
  });

  it("lets the last of several servers send it again", async () => {
    const slow = Promise.withResolvers<void>();
    new ShutdownSignals(async () => {});
    new ShutdownSignals(() => slow.promise);
    raise("SIGTERM");
    await expect.poll(() => process.listenerCount("SIGTERM")).toBe(1);
    process.emit("beforeExit", 0);
    expect(kill).not.toHaveBeenCalled();
    slow.resolve();
    await expect.poll(() => process.listenerCount("SIGTERM")).toBe(0);
    process.emit("beforeExit", 0);
    expect(kill.mock.calls).toEqual([[process.pid, "SIGTERM"]]);
  });

  it("listens no more once it is removed, twice is harmless", () => {
    const drained = vi.fn(async () => {});
    const signals = new ShutdownSignals(drained);
    signals.remove();
    signals.remove();
    raise("SIGINT");
    expect(drained).not.toHaveBeenCalled();
  });
});
