import {
  type Appendices,
  type Appendix,
  type ClaimOutcome,
  FLAG,
  LOG_LINES,
  type LogLine,
} from "../../storage/index.ts";
import type { Tables } from "./schema.ts";

const NONE: Appendices = Object.freeze({ logs: Object.freeze([]), progress: null });

export function appendAll(tables: Tables, appendices: readonly Appendix[]): ClaimOutcome[] {
  const now = tables.clock();
  return appendices.map((appendix) => {
    const job = tables.guarded(appendix);
    if (job === undefined) return "stale";
    tables.appendices.set(job.id, extended(tables.appendices.get(job.id) ?? NONE, appendix, now));
    if ((job.flags & FLAG.appended) === 0) tables.put({ ...job, flags: job.flags | FLAG.appended });
    return "applied";
  });
}

function extended({ logs, progress }: Appendices, appendix: Appendix, at: number): Appendices {
  const { attempt, text } = appendix;
  if (appendix.kind === "progress") {
    return Object.freeze({ logs, progress: Object.freeze({ at, attempt, value: appendix.value, text }) });
  }
  const line = Object.freeze({ at, attempt, text: appendix.text, data: appendix.data });
  return Object.freeze({ logs: Object.freeze(newest([...logs, line])), progress });
}

function newest(logs: readonly LogLine[]): readonly LogLine[] {
  return logs.length > LOG_LINES ? logs.slice(-LOG_LINES) : logs;
}

export function readAppendices(tables: Tables, id: string): Appendices {
  return tables.appendices.get(id) ?? NONE;
}
