/** Renews one lease over a connection of its own: a job that spins on the event loop does not lose it. */
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LeaseThreadMessage } from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { RENEW } from "./leases.ts";
import { readClock } from "./transaction.ts";

interface LeaseThreadData {
  readonly file: string;
  readonly name: string;
  readonly incarnation: string;
  readonly intervalMs: number;
}

const { file, name, incarnation, intervalMs }: LeaseThreadData = workerData;
const connection = new Connection(file, name);
// This thread may wait for the lock: nothing else runs on it. First of all, for whatever comes next may meet a lock.
connection.exec(`PRAGMA busy_timeout = ${Math.ceil(intervalMs)}`);
// A lease needs no fsync: after a power cut every process is gone with it.
connection.exec("PRAGMA synchronous = NORMAL");
void renewForEver();

async function renewForEver(): Promise<void> {
  for (;;) {
    post(renew());
    await delay(intervalMs);
  }
}

function renew(): LeaseThreadMessage {
  try {
    const renewed = connection.sql.run(RENEW, readClock(connection.sql), incarnation) === 1;
    return { kind: renewed ? "renewed" : "judged" };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function post(message: LeaseThreadMessage): void {
  parentPort?.postMessage(message);
}
