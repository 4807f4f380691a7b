import assert from "node:assert/strict";
import { FirelaterError } from "../../base/error.ts";
import { entryLine, type JobRecord, type Storage } from "../../storage/index.ts";

/** A stretch of the store's clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Does something and tells between which readings of the store's clock it was done. */
export async function during<T>(storage: Storage, action: () => Promise<T>): Promise<[T, Span]> {
  const from = await storage.now();
  const result = await action();
  return [result, { from, to: await storage.now() }];
}

export function assertWithin(at: number | null, { from, to }: Span, what: string): void {
  assert(at !== null && at >= from && at <= to, `${what} is ${at}, which is not within ${from} … ${to}`);
}

/** The text that a history of these entries has. */
export function historyOf(...entries: readonly (readonly [at: number, tail: string])[]): string {
  return entries.map(([at, tail]) => entryLine(at, tail)).join("");
}

/** Compares a whole row, so that nothing changes beside what a sentence names. */
export function assertRow(row: JobRecord, expected: JobRecord): void {
  assert.deepEqual({ ...row }, { ...expected });
}

/** What a verb answers when it refuses as a whole. */
export async function assertRejects(promise: Promise<unknown>, code: `FL_${string}`): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert(error instanceof FirelaterError, `${String(error)} is no error of Firelater`);
    assert.equal(error.code, code);
    return true;
  });
}

const POLL_MS = 3;
const PATIENCE_MS = 15_000;

/** Asks again until there is an answer: for what time or another process brings about, never for a fixed time. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert(performance.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Waits until the store's clock is past an instant. */
export async function clockPasses(storage: Storage, at: number): Promise<void> {
  await eventually(`the clock passes ${at}`, async () => ((await storage.now()) > at ? true : undefined));
}
