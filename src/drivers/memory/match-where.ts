import type { JobRecord, JobWhere } from "../../storage/index.ts";

/** Whether all conditions are met. */
export function matchWhere(job: JobRecord, where: JobWhere): boolean {
  const { name, queue, tag, since, before, args, entry } = where;
  return (
    (name === undefined || job.name === name) &&
    (queue === undefined || job.queue === queue) &&
    (tag === undefined || job.tags.includes(tag)) &&
    (since === undefined || job.stateAt >= since) &&
    (before === undefined || job.stateAt < before) &&
    (args === undefined || lower(job.args).includes(lower(args))) &&
    (entry === undefined || lower(job.entry).includes(lower(entry)))
  );
}

/** As engines do it: ASCII letters and no others. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
