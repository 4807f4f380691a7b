import {
  type EndedJob,
  isAtRest,
  type JobRecord,
  type ParentRecord,
  type RowCut,
  type StateCounts,
} from "../../storage/index.ts";
import { cutJob } from "./cut-job.ts";
import type { Tables } from "./schema.ts";

export function getJobs(tables: Tables, ids: readonly string[], cut?: RowCut): JobRecord[] {
  const found = [...new Set(ids)].flatMap((id) => tables.find(id) ?? []);
  return cut === undefined ? found : found.map((job) => cutJob(job, cut));
}

export function watchJobs(tables: Tables, ids: readonly string[]): EndedJob[] {
  return ids.flatMap((id) => {
    const { state, entry } = tables.find(id) ?? { state: null, entry: "" };
    return state === null || isAtRest(state) ? [{ id, state, entry }] : [];
  });
}

export function parentsOf(tables: Tables, ids: readonly string[]): Map<string, readonly ParentRecord[]> {
  const answer = new Map<string, readonly ParentRecord[]>();
  for (const id of ids) {
    const gate = tables.gates.get(id);
    if (gate !== undefined)
      answer.set(
        id,
        gate.parents.map((parent) => parentRecord(tables, parent)),
      );
  }
  return answer;
}

function parentRecord(tables: Tables, id: string): ParentRecord {
  const parent = tables.find(id);
  return { id, state: parent?.state ?? null, entry: parent?.entry ?? "" };
}

export function countJobs({ states }: Tables): StateCounts {
  return {
    Enqueued: states.Enqueued.size,
    Scheduled: states.Scheduled.size,
    Awaiting: states.Awaiting.size,
    Processing: states.Processing.size,
    Succeeded: states.Succeeded.size,
    Failed: states.Failed.size,
    Deleted: states.Deleted.size,
  };
}
