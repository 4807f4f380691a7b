import {
  type Appendices,
  type Appendix,
  type ClaimOutcome,
  FLAG,
  LOG_CHARS,
  LOG_LINES,
  type LogLine,
  type Progress,
} from "../../storage/index.ts";
import { charsOf, keptLines, newestLines } from "../shared/log-bounds.ts";
import {
  ADD_LINES,
  APPENDICES,
  COUNT_LINES,
  HOLD_CLAIMS,
  LOGS,
  PROGRESS,
  SIZES,
  TRIM,
} from "./append-statements.ts";
import { plainArray, textArray } from "./arrays.ts";
import { fromStored, toStored } from "./opaque.ts";
import type { Runner, Session } from "./statements.ts";

/** Trimming costs a walk over the lines, so it waits until this much is too much. */
const SLACK = 0.1;

type Line = Appendix & { readonly kind: "log" };
type Step = Appendix & { readonly kind: "progress" };

export function append(session: Session, appendices: readonly Appendix[]): Promise<ClaimOutcome[]> {
  if (appendices.length === 0) return Promise.resolve([]);
  return session.attempt("store logs", () => session.transaction((tx) => appendIn(tx, appendices)));
}

/** The claims are locked first, in the order of ids: what is written after it belongs to claims that hold. */
async function appendIn(tx: Runner, appendices: readonly Appendix[]): Promise<ClaimOutcome[]> {
  const held = await holdClaims(tx, appendices);
  const holds = appendices.filter(({ id, fence }) => held.get(id) === fence);
  const lines = holds.filter((appendix): appendix is Line => appendix.kind === "log");
  if (lines.length > 0) await addLines(tx, lines);
  const steps = new Map(
    holds.filter((appendix): appendix is Step => appendix.kind === "progress").map((step) => [step.id, step]),
  );
  if (steps.size > 0) await writeProgress(tx, [...steps.values()]);
  return appendices.map(({ id, fence }) => (held.get(id) === fence ? "applied" : "stale"));
}

/** The fences that hold; parameters are written with it, for they stand in the row. */
async function holdClaims(tx: Runner, appendices: readonly Appendix[]): Promise<ReadonlyMap<string, number>> {
  const claims = new Map<string, { id: string; fence: number; flags: number; parameters: string | null }>();
  for (const appendix of appendices) {
    const { id, fence, kind } = appendix;
    const claim = claims.get(`${id} ${fence}`) ?? { id, fence, flags: 0, parameters: null };
    claims.set(`${id} ${fence}`, claim);
    if (kind === "parameters") claim.parameters = appendix.text;
    else claim.flags = FLAG.appended;
  }
  const all = [...claims.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rows = await tx.run<[id: string, fence: number]>(HOLD_CLAIMS, [
    textArray(all.map(({ id }) => id)),
    plainArray(all.map(({ fence }) => fence)),
    plainArray(all.map(({ flags }) => flags)),
    textArray(all.map(({ parameters }) => parameters)),
  ]);
  return new Map(rows);
}

async function addLines(tx: Runner, lines: readonly Line[]): Promise<void> {
  await tx.run(ADD_LINES, [
    textArray(lines.map(({ id }) => id)),
    plainArray(lines.map(({ attempt }) => attempt)),
    plainArray(lines.map(charsOf)),
    textArray(lines.map(({ text }) => toStored(text))),
    textArray(lines.map(({ data }) => (data === null ? null : toStored(data)))),
  ]);
  const added = new Map<string, { lines: number; chars: number }>();
  for (const line of lines) {
    const log = added.get(line.id) ?? { lines: 0, chars: 0 };
    added.set(line.id, { lines: log.lines + 1, chars: log.chars + charsOf(line) });
  }
  const totals = await tx.run<[job: string, lines: number, chars: number]>(COUNT_LINES, [
    textArray([...added.keys()]),
    plainArray([...added.values()].map((log) => log.lines)),
    plainArray([...added.values()].map((log) => log.chars)),
  ]);
  for (const [job, count, chars] of totals) {
    if (count > LOG_LINES * (1 + SLACK) || chars > LOG_CHARS * (1 + SLACK)) await trim(tx, job);
  }
}

/** Removes what readers no longer see. */
async function trim(tx: Runner, job: string): Promise<void> {
  const newest = await tx.run<[key: number, chars: number]>(SIZES, [job, LOG_LINES + 1]);
  const sizes = newest.map(([, chars]) => chars);
  const kept = keptLines(sizes);
  const firstToGo = newest[kept]?.[0] ?? 0;
  await tx.run(TRIM, [job, firstToGo, kept, sizes.slice(0, kept).reduce((sum, size) => sum + size, 0)]);
}

async function writeProgress(tx: Runner, steps: readonly Step[]): Promise<void> {
  await tx.run(PROGRESS, [
    textArray(steps.map(({ id }) => id)),
    plainArray(steps.map(({ attempt }) => attempt)),
    plainArray(steps.map(({ value }) => value)),
    textArray(steps.map(({ text }) => (text === null ? null : toStored(text)))),
  ]);
}

export async function readAppendices(session: Session, job: string): Promise<Appendices> {
  return await session.attempt("read logs", async () => {
    const lines = await session.run<Logged>(LOGS, [job, LOG_LINES]);
    const [progress] = await session.run<Progressed>(APPENDICES, [job]);
    return {
      logs: newestLines(lines.reverse().map(toLine)),
      progress: progress === undefined ? null : toProgress(progress),
    };
  });
}

type Logged = [at: number, attempt: number, text: string, data: string | null];
type Progressed = [at: number, attempt: number, value: number, text: string | null];

function toLine([at, attempt, text, data]: Logged): LogLine {
  return { at, attempt, text: fromStored(text), data: data === null ? null : fromStored(data) };
}

function toProgress([at, attempt, value, text]: Progressed): Progress {
  return { at, attempt, value, text: text === null ? null : fromStored(text) };
}
