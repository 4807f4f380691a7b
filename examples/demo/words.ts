import { join } from "node:path";
import { HOME, type Run, type Start } from "./run-state.ts";

export function greeting(
  { files, folder }: Run,
  start: Start,
  done: number,
  url: string | undefined,
): string {
  const what = {
    new: `${files.length} files of ${folder}, a job for each.`,
    "goes on": `Found an unfinished run: ${done} of ${files.length} files are done, going on.`,
    anew: `Found an unfinished run, but files of it are gone. Anew: ${files.length} files of ${folder}.`,
  };
  const dashboard = url === undefined ? [] : [`To watch it in a browser: ${url}`];
  const survival = `To see it survive: kill -9 ${process.pid}, then start it again.`;
  return [what[start], ...dashboard, survival, ""].join("\n");
}

export function failed(): string {
  return [
    "Jobs have failed for good, so there is no report.",
    "Put right what made them fail and start again: they are tried again.",
    `Or remove ${HOME} to begin anew. All that the server said is in ${join(HOME, "log.txt")}.`,
  ].join("\n");
}

export function whatNext({ database }: Run, url = ""): string {
  return `dashboard  ${url}
report     ${join(HOME, "report.json")}, and the table above in ${join(HOME, "report.txt")}
database   ${database}
log        ${join(HOME, "log.txt")}

The server waits for jobs until Ctrl+C; a recurring job fires every five seconds. To try next:
  in the dashboard: the retried job under Jobs, pause the recurring one, requeue something
  npm run demo -- --slow 1000   gives you time to kill it:  kill -9 <its pid>, then npm run demo
  npm run demo -- --once        does all of it again and checks every result
`;
}

const SHOWN = 20;

export function verdict({ files }: Run, differences: readonly string[]): string {
  if (differences.length === 0) {
    return `Checked: all ${files.length} entries agree with a direct computation, every job succeeded exactly once,
the retrying one after two failures, the delayed one not before its time, the heavy one in a thread of its own, and
the recurring one once for each second.`;
  }
  const more = differences.length > SHOWN ? [`… and ${differences.length - SHOWN} more`] : [];
  const count = `${differences.length} ${differences.length === 1 ? "difference" : "differences"}`;
  return [
    `Checked: ${count}. (A file that was edited meanwhile is one, too.)`,
    ...differences.slice(0, SHOWN),
    ...more,
  ].join("\n  ");
}
