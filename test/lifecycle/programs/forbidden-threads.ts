/** A server with threads in a process that may make none: tells how its start ended. */
import { BackgroundJobServer } from "firelater";
import { MemoryStorage } from "firelater/memory";

export interface ForbiddenMessage {
  readonly code: string;
  readonly message: string;
}

const jobs = new URL("./threaded-jobs.ts", import.meta.url);
const server = new BackgroundJobServer({ storage: new MemoryStorage(), jobs, threads: 2, signals: false });
const started = server.started.then(
  () => ({ code: "none", message: "it has started" }),
  (error: { readonly code: string; readonly message: string }) => ({
    code: error.code,
    message: error.message,
  }),
);
const message: ForbiddenMessage = await started;
process.send?.(message, () => process.disconnect());
