/**
 * A process with several servers, all of which may fire recurring jobs. Tells the parent each time that one of its saves
 * was accepted with jobs. Argument: `SchedulerArguments` as JSON.
 */
import { BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export interface SchedulerArguments {
  readonly file: string;
  readonly servers: number;
}

export type SchedulerMessage = { readonly kind: "ready" } | { readonly kind: "fired" };

const { file, servers }: SchedulerArguments = JSON.parse(process.argv[2] ?? "");
const tell = (message: SchedulerMessage) => process.send?.(message);
const storage = new SqliteStorage(file, { synchronous: "normal" });

const { saveRecurring } = storage;
storage.saveRecurring = async (saves) => {
  const outcomes = await saveRecurring.call(storage, saves);
  if (saves.some(({ jobs = [] }, nth) => jobs.length > 0 && outcomes[nth] === "applied"))
    tell({ kind: "fired" });
  return outcomes;
};

const started = Array.from({ length: servers }, (_, nth) => {
  const server = new BackgroundJobServer({
    storage,
    jobs: defineJobs({ tick() {} }),
    name: `${process.pid}-${nth}`,
    serverTimeout: "2s",
    heartbeatInterval: "500ms",
    serverCheckInterval: "500ms",
    signals: false,
    logger: { debug() {}, info() {}, warn() {}, error: console.error },
  });
  return server.started;
});
await Promise.all(started);
tell({ kind: "ready" });
