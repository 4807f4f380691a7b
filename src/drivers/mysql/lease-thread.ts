/** Renews one lease over a connection of its own: a job that spins on the event loop does not lose it. */
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LeaseThreadMessage } from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { heartbeat } from "./leases.ts";
import { connect } from "./options.ts";

interface LeaseThreadData {
  readonly url: string;
  readonly name: string;
  readonly incarnation: string;
  readonly intervalMs: number;
}

const { url, name, incarnation, intervalMs }: LeaseThreadData = workerData;
const connection = new Connection(name, connect(url, 1), true, 0);
void renewForEver();

async function renewForEver(): Promise<void> {
  for (;;) {
    post(await renew());
    await delay(intervalMs);
  }
}

async function renew(): Promise<LeaseThreadMessage> {
  try {
    const renewed = await connection.read("renew a lease", (sql) => heartbeat(sql, incarnation));
    return { kind: renewed ? "renewed" : "judged" };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function post(message: LeaseThreadMessage): void {
  parentPort?.postMessage(message);
}
