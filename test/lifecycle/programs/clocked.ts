/** A client or a server of a process with a clock of its own. Arguments: the file, and which of the two it is. */
import {
  BackgroundJobClient,
  BackgroundJobServer,
  currentJob,
  defineJobs,
  RecurringJobManager,
} from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export type ClockedMessage =
  | { readonly kind: "clock"; readonly now: number }
  | { readonly kind: "stored"; readonly ids: Readonly<Record<"now" | "later" | "limited", string>> }
  | { readonly kind: "running" }
  | { readonly kind: "aborted"; readonly code: string };

const [file = "", role = ""] = process.argv.slice(2);
const tell = (message: ClockedMessage) => process.send?.(message);

const jobs = defineJobs(
  {
    noop() {},
    tick() {},
    hold: () =>
      new Promise<void>((_, reject) => {
        const { signal } = currentJob();
        signal.addEventListener("abort", () => {
          tell({ kind: "aborted", code: Reflect.get(signal.reason, "code") });
          reject(signal.reason);
        });
        tell({ kind: "running" });
      }),
  },
  { noop: { latencyTimeout: "1m" } },
);

const storage = new SqliteStorage(file, { synchronous: "normal" });
tell({ kind: "clock", now: Date.now() });
if (role === "client") {
  const client = new BackgroundJobClient({ storage, jobs });
  const now = await client.enqueue((j) => j.noop());
  const later = await client.delay((j) => j.noop(), "1s");
  await new RecurringJobManager({ storage, jobs }).addOrUpdate("tick", (j) => j.tick(), "* * * * * *");
  const limited = await client.enqueue((j) => j.hold(), { queue: "other" });
  tell({ kind: "stored", ids: { now, later, limited } });
} else {
  const fast = { heartbeatInterval: "500ms", serverTimeout: "2s", serverCheckInterval: "500ms" } as const;
  const server = new BackgroundJobServer({
    storage,
    jobs,
    queues: ["default", "other"],
    name: role,
    ...fast,
  });
  await server.stopped;
}
