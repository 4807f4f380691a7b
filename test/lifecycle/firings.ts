import { JOB_STATES, type JobRecord, type Storage } from "../../src/storage/index.ts";

/** A job that a recurring job began at a slot. Times are the storage's clock. */
export interface Firing {
  readonly id: string;
  readonly slot: number;
  readonly storedAt: number;
  /** Its first run; NaN while it waits. */
  readonly startedAt: number;
}

interface Entry {
  readonly at: number;
  readonly state?: string;
  readonly recurring?: string;
}

/** What is stored of all slots that were fired, by recurring job, in their order. */
export async function firings(storage: Storage): Promise<Map<string, Firing[]>> {
  const found = new Map<string, Firing[]>();
  for await (const job of allJobs(storage)) {
    const history = historyOf(job);
    const by = history[0]?.recurring;
    if (by === undefined || job.plannedAt === null) continue;
    const startedAt = Number(history.find(({ state }) => state === "Processing")?.at);
    const own = found.get(by) ?? [];
    own.push({ id: job.id, slot: job.plannedAt, storedAt: job.createdAt, startedAt });
    found.set(by, own);
  }
  for (const own of found.values()) own.sort((a, b) => a.slot - b.slot);
  return found;
}

/** The slots of one recurring job, in order; one that was fired twice stands there twice. */
export async function slotsOf(storage: Storage, id: string): Promise<number[]> {
  return ((await firings(storage)).get(id) ?? []).map(({ slot }) => slot);
}

async function* allJobs(storage: Storage): AsyncGenerator<JobRecord, undefined> {
  const seen = new Set<string>();
  for (const state of JOB_STATES) {
    for (let after: string | undefined; ; ) {
      const page = await storage.list({ state, limit: 500, ...(after === undefined ? {} : { after }) });
      for (const job of page.rows) {
        // One that moved on meanwhile is met in two states.
        if (!seen.has(job.id)) yield job;
        seen.add(job.id);
      }
      if (page.next === null) break;
      after = page.next;
    }
  }
}

function historyOf({ history, state, stateAt, entry }: JobRecord): Entry[] {
  const lines = history.split("\n").filter(Boolean);
  if (state !== "Enqueued") lines.push(`{"at":${stateAt},${entry}}`);
  return lines.map((line): Entry => JSON.parse(line));
}
