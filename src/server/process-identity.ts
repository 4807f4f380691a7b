import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { ServerRecord } from "../storage/index.ts";

/** Names this process so that another one on the same host can tell, without waiting for a lease, that it is gone. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  readonly pidStartedAt: string;
}

/** Unknown start times are empty: then a pid that is in use again passes for the old process, and its lease decides. */
export function thisProcess(): ProcessIdentity {
  return { host: processTable(), pid: process.pid, pidStartedAt: startTime(process.pid) ?? "" };
}

/** Whether the process behind a server of this very host has certainly ended. */
export function isGone(server: ServerRecord, here: ProcessIdentity): boolean {
  if (server.host !== here.host) return false;
  const startedAt = startTime(server.pid);
  if (startedAt !== undefined && server.pidStartedAt !== "") return startedAt !== server.pidStartedAt;
  return !isRunning(server.pid);
}

/**
 * A pid means something only within one process table: containers that share a host name have pid namespaces of
 * their own, and a reboot starts all numbers anew.
 */
function processTable(): string {
  return [hostname(), read(() => readlinkSync("/proc/self/ns/pid")), bootId()].filter(Boolean).join(" ");
}

function bootId(): string | undefined {
  return read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

/** Field 22 of /proc/<pid>/stat (proc(5)), counted after the command name, which may hold blanks and brackets. */
function startTime(pid: number): string | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Signal 0 only asks. EPERM: it runs, as somebody else. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && Reflect.get(error, "code") === "EPERM";
  }
}

/** Where the system has no such file nothing is known. */
function read(file: () => string): string | undefined {
  try {
    return file();
  } catch {
    return undefined;
  }
}
