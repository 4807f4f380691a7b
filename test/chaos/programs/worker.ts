/**
 * A server process of the chaos tests. Its jobs write down what they do in a ledger that no storage can lose, and every
 * start and abort is told to the parent. Argument: `WorkerArguments` as JSON.
 */
import { appendFileSync } from "node:fs";
import { BackgroundJobServer, currentJob } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { jobsOf } from "../jobs.ts";
import type { LedgerEntry } from "../ledger.ts";

export interface WorkerArguments {
  readonly file: string;
  readonly ledger: string;
  readonly name: string;
  readonly queues: readonly string[];
  readonly workerCount: number;
}

export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "started" | "ended" | "aborted"; readonly id: string; readonly code?: string }
  | { readonly kind: "log"; readonly text: string };

const { file, ledger, name, queues, workerCount }: WorkerArguments = JSON.parse(process.argv[2] ?? "");
const tell = (message: WorkerMessage) => process.send?.(message);
const { promise: released, resolve: release } = Promise.withResolvers<void>();
process.on("message", (message) => message === "release" && release());

/** Before and after the effect of a run: one line each, in one write that no other process can cut in half. */
function note(event: LedgerEntry["event"]): void {
  const { id, attempt } = currentJob();
  // The fence is no part of the public context, and what tells one claim of a job from the next.
  const fence: number = Reflect.get(Reflect.get(currentJob(), "claim"), "fence");
  const entry: LedgerEntry = { event, id, attempt, fence, pid: process.pid, at: Date.now() };
  appendFileSync(ledger, `${JSON.stringify(entry)}\n`);
}

async function noted<T>(run: () => Promise<T>): Promise<T> {
  const { id, signal } = currentJob();
  note("start");
  tell({ kind: "started", id });
  signal.addEventListener("abort", () => tell({ kind: "aborted", id, code: signal.reason.code }));
  const value = await run();
  note("end");
  tell({ kind: "ended", id });
  return value;
}

const log = (text: string) => void tell({ kind: "log", text });
const server = new BackgroundJobServer({
  storage: new SqliteStorage(file),
  jobs: jobsOf({ noted, released, name }),
  name,
  queues,
  workerCount,
  serverTimeout: "2s",
  heartbeatInterval: "500ms",
  serverCheckInterval: "500ms",
  pollingInterval: "200ms",
  logger: { debug() {}, info() {}, warn: log, error: log },
});
await server.started;
tell({ kind: "ready" });
await server.stopped;
