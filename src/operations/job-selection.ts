import { readArguments } from "../job/read-arguments.ts";
import type { Hold, JobRecord, JobState, JobWhere } from "../storage/index.ts";

/** Which jobs are meant: those of one state that match. */
export interface JobSelection {
  readonly state: JobState;
  readonly name?: string;
  readonly queue?: string;
  readonly tag?: string;
  /** What holds it; `none`: nothing does. */
  readonly hold?: Hold | "none";
  /** A part of the text of the arguments; with `path`, the whole of the value there. */
  readonly args?: string;
  /** With `args`: where in the arguments: `0.user.id`. */
  readonly path?: string;
  /** A part of the entry of the state. */
  readonly error?: string;
  readonly since?: number;
  readonly before?: number;
}

/** What of a selection the storage can look for; the path is left to `isSelected`. */
export function whereOf(selection: Omit<JobSelection, "state">): JobWhere {
  const { name, queue, tag, hold, args, path, error, since, before } = selection;
  return {
    ...(name === undefined ? {} : { name }),
    ...(queue === undefined ? {} : { queue }),
    ...(tag === undefined ? {} : { tag }),
    ...(hold === undefined ? {} : { hold: hold === "none" ? null : hold }),
    // A value is looked for as it stands in the stored text, quotes and line breaks escaped.
    ...(args === undefined ? {} : { args: path === undefined ? args : JSON.stringify(args).slice(1, -1) }),
    ...(error === undefined ? {} : { entry: error }),
    ...(since === undefined ? {} : { since }),
    ...(before === undefined ? {} : { before }),
  };
}

/** Whether a job that the storage has found has the value at the path. */
export function isSelected(job: JobRecord, selection: Omit<JobSelection, "state">): boolean {
  if (selection.path === undefined || selection.args === undefined) return true;
  const args = readArguments(job.args);
  return args !== null && hasTextAt(args, selection.path, selection.args);
}

/** Whether the value at a path has this text, whatever its case. */
export function hasTextAt(value: unknown, path: string, text: string): boolean {
  const found = path.split(".").reduce<unknown>(step, value);
  return textOf(found)?.toLowerCase() === text.toLowerCase();
}

/** Own members only: a path must never lead to a prototype. */
function step(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key);
  const isMember = typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return isMember ? Reflect.get(value, key) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof URL || value instanceof RegExp) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // A value that JSON cannot say, such as one with a bigint inside, has no text that people could look for.
    return undefined;
  }
}
