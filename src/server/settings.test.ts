import { describe, expect, it } from "vitest";
import { MemoryStorage } from "../drivers/memory/index.ts";
import { defineJobs } from "../job/job-set.ts";
import type { ServerSettings } from "./server-options.ts";
import { toSettings } from "./settings.ts";

const storage = new MemoryStorage();
const jobs = defineJobs({ tick() {} });
const settingsOf = (options: ServerSettings = {}) => toSettings({ storage, jobs, ...options });

describe("toSettings", () => {
  it("has a default for everything", () => {
    expect(settingsOf()).toMatchObject({
      name: "default",
      queues: ["default"],
      workerCount: 20,
      timing: {
        heartbeatMs: 10_000,
        timeoutMs: 30_000,
        checkMs: 5_000,
        pollingMs: 1_000,
        shutdownMs: 15_000,
      },
      retention: [
        { state: "Succeeded", ageMs: 86_400_000, count: 1_000_000 },
        { state: "Deleted", ageMs: 86_400_000, count: 1_000_000 },
      ],
    });
  });

  it("takes undefined for an option that was left out", () => {
    const { timing, name } = settingsOf({ serverTimeout: undefined, name: undefined, queues: ["a", "b"] });
    expect(timing).toEqual(settingsOf().timing);
    expect(name).toBe("a,b");
  });

  it.each<[ServerSettings, number, number]>([
    [{ serverTimeout: "10s" }, 3_334, 10_000],
    [{ serverTimeout: "2s" }, 667, 2_000],
    [{ serverTimeout: "5m" }, 10_000, 300_000],
    [{ heartbeatInterval: "1s" }, 1_000, 30_000],
    [{ heartbeatInterval: "1m" }, 60_000, 180_000],
    [{ heartbeatInterval: "1s", serverTimeout: "3s" }, 1_000, 3_000],
  ])("lets heartbeat and timeout follow each other: %o", (options, heartbeatMs, timeoutMs) => {
    expect(settingsOf(options).timing).toMatchObject({ heartbeatMs, timeoutMs });
  });

  it.each<[ServerSettings, string]>([
    [{ heartbeatInterval: "5s", serverTimeout: "10s" }, '"5s" as heartbeatInterval'],
    [{ serverTimeout: "2ms" }, '"2ms" as serverTimeout'],
    [{ heartbeatInterval: "0s" }, '"0s" as heartbeatInterval'],
    [{ serverCheckInterval: "0ms" }, '"0ms" as serverCheckInterval'],
  ])("names the option and the value that do not fit: %o", (options, part) => {
    expect(() => settingsOf(options)).toThrow(
      expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining(part) }),
    );
  });
});
