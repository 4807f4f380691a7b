import type { JobRecord, RowCut } from "../../storage/index.ts";

/** A row with no more of its long texts than is asked for. */
export function cutJob(job: JobRecord, { args, entry }: RowCut): JobRecord {
  const chars = Math.max(entry, 1);
  return {
    ...job,
    args: head(job.args, Math.max(args, 0)),
    entry: head(job.entry, chars),
    history: job.state === "Enqueued" ? tail(job.history, chars) : "",
    parameters: null,
  };
}

/** Not within a character. */
function head(text: string, chars: number): string {
  const cut = text.slice(0, chars);
  return cut.isWellFormed() ? cut : text.slice(0, chars + 1);
}

function tail(text: string, chars: number): string {
  const cut = text.slice(-chars);
  return cut.isWellFormed() ? cut : text.slice(-chars - 1);
}
