import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ServerRecord } from "../../storage/index.ts";
import { announcement } from "../../testing/contract/builders.ts";
import { isGone, type ProcessIdentity, thisProcess } from "./process-identity.ts";

const here = thisProcess();

function serverOf(process: Partial<ProcessIdentity>): ServerRecord {
  const times = { startedAt: 0, renewedAt: 0, steadySince: 0, vitals: null, command: null, live: true };
  return { ...announcement({ ...here, ...process }), ...times };
}

async function exited(child: ChildProcess): Promise<number> {
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("a server of this host", () => {
  it("is there while its process runs", () => {
    expect(isGone(serverOf({}), here)).toBe(false);
  });

  it("is gone when its process has ended", async () => {
    const pid = await exited(spawn(process.execPath, ["-e", ""]));
    expect(isGone(serverOf({ pid, pidStartedAt: "1" }), here)).toBe(true);
    expect(isGone(serverOf({ pid, pidStartedAt: "" }), here)).toBe(true);
  });

  it.runIf(here.pidStartedAt !== "")("is gone when its pid belongs to a later process", () => {
    expect(isGone(serverOf({ pidStartedAt: "1" }), here)).toBe(true);
  });

  it("passes for running while its start time is unknown and its pid is in use: the lease decides", () => {
    expect(isGone(serverOf({ pidStartedAt: "" }), here)).toBe(false);
  });

  // In a container whose first process reaps nobody, a killed server stays in the process table for ever.
  it.runIf(existsSync("/proc/self/stat"))(
    "is gone when only its entry in the process table is left",
    async () => {
      const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [line] = await once(parent.stdout, "data");
      const pid = Number(String(line));
      const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      await expect.poll(() => stat()[0]).toBe("Z");
      const server = serverOf({ pid, pidStartedAt: stat()[19] ?? "" });
      expect(isGone(server, here)).toBe(true);
      expect(isGone({ ...server, pidStartedAt: "" }, here)).toBe(true);
      parent.kill();
      await exited(parent);
    },
  );
});

describe("a server of another host", () => {
  it("is never judged by its pid", () => {
    expect(isGone(serverOf({ host: "elsewhere", pid: 2 ** 22 + 1 }), here)).toBe(false);
  });
});
