/** Renews one lease over a connection of its own: a job that spins on the event loop does not lose it. */
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LeaseThreadMessage } from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { rootKey } from "./keys.ts";
import { heartbeat } from "./leases.ts";
import { nameOf, toSource } from "./options.ts";

interface LeaseThreadData {
  readonly url: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly incarnation: string;
  readonly intervalMs: number;
}

const { url, prefix, timeoutMs, incarnation, intervalMs }: LeaseThreadData = workerData;
const source = toSource(url);
const connection = new Connection(source, nameOf(source.settings, prefix), timeoutMs);
void renewForEver();

async function renewForEver(): Promise<void> {
  for (;;) {
    post(await renew());
    await delay(intervalMs);
  }
}

async function renew(): Promise<LeaseThreadMessage> {
  try {
    const { doing, script, args, answer } = heartbeat;
    // Renewing twice is renewing once: a lost answer is no reason to wait for the next turn.
    const reply = await connection.run(doing, true, (redis) =>
      script.run(redis, rootKey(prefix), args(incarnation)),
    );
    return { kind: answer(reply, incarnation) ? "renewed" : "judged" };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function post(message: LeaseThreadMessage): void {
  parentPort?.postMessage(message);
}
