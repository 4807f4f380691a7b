import {
  type Appendices,
  type Appendix,
  type ClaimOutcome,
  FLAG,
  type JobRecord,
} from "../../storage/index.ts";
import { newestLines } from "../shared/log-bounds.ts";
import type { Tables } from "./schema.ts";

const NONE: Appendices = Object.freeze({ logs: Object.freeze([]), progress: null });

export function appendAll(tables: Tables, appendices: readonly Appendix[]): ClaimOutcome[] {
  const now = tables.clock();
  return appendices.map((appendix) => {
    const job = tables.guarded(appendix);
    if (job === undefined) return "stale";
    if (appendix.kind === "parameters") tables.put({ ...job, parameters: appendix.text });
    else extend(tables, job, appendix, now);
    return "applied";
  });
}

type Beside = Exclude<Appendix, { readonly kind: "parameters" }>;

function extend(tables: Tables, job: JobRecord, appendix: Beside, now: number): void {
  tables.appendices.set(job.id, extended(tables.appendices.get(job.id) ?? NONE, appendix, now));
  if ((job.flags & FLAG.appended) === 0) tables.put({ ...job, flags: job.flags | FLAG.appended });
}

function extended({ logs, progress }: Appendices, appendix: Beside, at: number): Appendices {
  const { attempt, text } = appendix;
  if (appendix.kind === "progress") {
    return Object.freeze({ logs, progress: Object.freeze({ at, attempt, value: appendix.value, text }) });
  }
  const line = Object.freeze({ at, attempt, text: appendix.text, data: appendix.data });
  return Object.freeze({ logs: Object.freeze(newestLines([...logs, line])), progress });
}

export function readAppendices(tables: Tables, id: string): Appendices {
  return tables.appendices.get(id) ?? NONE;
}
