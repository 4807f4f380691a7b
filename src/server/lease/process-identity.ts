import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { ServerRecord } from "../../storage/index.ts";

/** Names this process so that another one on the same host can tell, without waiting for a lease, that it is gone. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  readonly pidStartedAt: string;
}

/** Unknown start times are empty: then a pid that is in use again passes for the old process, and its lease decides. */
export function thisProcess(): ProcessIdentity {
  return { host: processTable(), pid: process.pid, pidStartedAt: readStat(process.pid)?.startedAt ?? "" };
}

/** Whether the process behind a server of this very host has certainly ended. */
export function isGone(server: ServerRecord, here: ProcessIdentity): boolean {
  if (server.host !== here.host) return false;
  const stat = readStat(server.pid);
  if (stat === undefined) return !isRunning(server.pid);
  return stat.hasEnded || (server.pidStartedAt !== "" && server.pidStartedAt !== stat.startedAt);
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

/**
 * Fields 3 and 22 of /proc/<pid>/stat (proc(5)), counted after the command name, which may hold blanks and brackets. A
 * process that has ended keeps its entry until its parent has asked for it, in some containers for ever.
 */
function readStat(pid: number): { readonly startedAt: string; readonly hasEnded: boolean } | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { startedAt: fields[19] ?? "", hasEnded: fields[0] === "Z" || fields[0] === "X" };
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
