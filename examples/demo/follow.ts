import { setTimeout } from "node:timers/promises";
import type { BackgroundJobServer, Storage } from "firelater";
import { slotsSoFar } from "./heartbeat.ts";
import type { Jobs } from "./jobs.ts";
import { ProgressMeter, type ProgressView } from "./progress.ts";
import { createView } from "./progress-view.ts";
import { countJobs, type Run } from "./run-state.ts";

const REDRAW_MS = 100;

/** Shows how the run comes along. True when all of its jobs have succeeded, false when one failed for good. */
export async function follow(
  storage: Storage,
  servers: readonly BackgroundJobServer<Jobs>[],
  run: Run,
): Promise<boolean> {
  const view = createView();
  const stopping = () => view.note("Stopping. Start again to go on.");
  process.once("SIGINT", stopping);
  const total = countJobs(run);
  // A run that is checked again has beats of the first time.
  const beats = (await slotsSoFar(storage)).length;
  const meter = new ProgressMeter(total);
  const silences = servers.map((server) => tell(server, run, meter, view));
  try {
    for (;;) {
      const all = await storage.counts();
      const counts = { ...all, Succeeded: all.Succeeded - beats };
      view.show(meter.read(counts));
      if (counts.Succeeded === total) return true;
      const unsettled = counts.Enqueued + counts.Processing + counts.Scheduled;
      if (counts.Failed > 0 && unsettled === 0) return false;
      await setTimeout(REDRAW_MS);
    }
  } finally {
    view.end();
    process.off("SIGINT", stopping);
    for (const silence of silences) silence();
  }
}

/** Puts what the server tells into words. */
function tell(
  server: BackgroundJobServer<Jobs>,
  run: Run,
  meter: ProgressMeter,
  view: ProgressView,
): () => void {
  const paths = new Map<string, string>(run.files.map(({ id, path }) => [id, path]));
  const title = ({ id, name }: { id: string; name: string }) => paths.get(id) ?? name;
  const silences = [
    server.on("succeeded", (job) => {
      meter.now = `${title(job)} is done`;
    }),
    server.on("retrying", (job) => {
      meter.retries++;
      view.note(`${title(job)} failed in attempt ${job.attempt} and is tried again: ${job.error}`);
    }),
    server.on("failed", (job) => view.note(`${title(job)} has failed for good: ${job.error}`)),
    server.on("recovered", (job) => {
      meter.takenOver++;
      if (job.quarantined) view.note(`${title(job)} is put aside: three processes died while it was running`);
    }),
  ];
  return () => {
    for (const silence of silences) silence();
  };
}
