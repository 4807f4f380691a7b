import { describe, expect, it } from "vitest";
import type { Logger } from "./logger.ts";
import { unfailingLogger } from "./unfailing-logger.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

describe("unfailingLogger", () => {
  it("hands everything on, to methods that need their this", () => {
    const logger = {
      told: [] as unknown[][],
      debug: keep,
      info: keep,
      warn: keep,
      error: keep,
    };
    function keep(this: { told: unknown[][] }, ...said: unknown[]): void {
      this.told.push(said);
    }
    const safe = unfailingLogger(logger);
    for (const level of LEVELS) safe[level](level, 1, 2);
    expect(logger.told).toEqual(LEVELS.map((level) => [level, 1, 2]));
  });

  it("never throws and leaves no rejection, whatever the logger does", async () => {
    const fail = () => {
      throw new Error("the disk is full");
    };
    const reject = () => Promise.reject(new Error("the stream is closed"));
    const logger: Logger = { debug: fail, info: fail, warn: reject, error: reject };
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    for (const level of LEVELS) unfailingLogger(logger)[level]("hello");
    await new Promise(setImmediate);
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});
