import { FLAG, type JobRecord, type Storage } from "../../storage/index.ts";
import type { JobChange } from "../api/events.ts";
import type { Redactor } from "../show/redactor.ts";
import { NO_TEXTS } from "../show/row-cut.ts";
import { showProgress } from "../show/run-notes.ts";

/** Over all viewers, each second. */
const MOST = 200;

/** How the jobs that people look at stand now; ids beyond the bound are left out. */
export async function watchedJobs(
  storage: Storage,
  redactor: Redactor,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, JobChange>> {
  const asked = [...ids].slice(0, Math.min(MOST, storage.manifest.maxRows));
  const found = asked.length === 0 ? [] : await storage.get(asked, NO_TEXTS);
  const rows = new Map(found.map((job) => [job.id, job]));
  const changes = await Promise.all(asked.map((id) => changeOf(storage, redactor, id, rows.get(id))));
  return new Map(changes.map((change) => [change.id, change]));
}

async function changeOf(
  storage: Storage,
  redactor: Redactor,
  id: string,
  job: JobRecord | undefined,
): Promise<JobChange> {
  if (job === undefined) return { id, state: null, fence: "0", logLines: null, progress: null };
  const { state, fence, flags } = job;
  const plain = { id, state, fence: String(fence), logLines: 0, progress: null };
  // What a run says changes only while it runs: the change of state tells the rest.
  if (state !== "Processing" || (flags & FLAG.appended) === 0) return plain;
  const { logs, progress } = await storage.appendices(id);
  const shown = progress === null ? null : showProgress(progress, redactor);
  return { ...plain, logLines: logs.length, progress: shown };
}

/** Without the permission nothing of what the run says. */
export function withoutData(change: JobChange): JobChange {
  return { ...change, logLines: null, progress: null };
}
