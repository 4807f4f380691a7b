/** Renews one lease over a connection of its own: a job that spins on the event loop does not lose it. */
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LeaseThreadMessage } from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { heartbeat } from "./leases.ts";
import { News } from "./news.ts";

interface LeaseThreadData {
  readonly url: string;
  readonly name: string;
  readonly schema: string;
  readonly incarnation: string;
  readonly intervalMs: number;
}

const { url, name, schema, incarnation, intervalMs }: LeaseThreadData = workerData;
const connection = new Connection(url, name, { schema, maxConnections: 1 });
void renewForEver();

async function renewForEver(): Promise<void> {
  for (;;) {
    post(await renew());
    await delay(intervalMs);
  }
}

/** A connection that breaks is replaced by the pool at the next renewal. */
async function renew(): Promise<LeaseThreadMessage> {
  try {
    const isRenewed = await heartbeat(connection.session(new News()), incarnation);
    return { kind: isRenewed ? "renewed" : "judged" };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function post(message: LeaseThreadMessage): void {
  parentPort?.postMessage(message);
}
