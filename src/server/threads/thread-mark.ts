/** A thread has its own `globalThis`; the package may be loaded twice in it, so the mark hangs there. */
const MARK = Symbol.for("firelater.job-thread");

/** Says that this thread runs jobs of a server: before it loads any module of theirs. */
export function markJobThread(): void {
  Reflect.set(globalThis, MARK, true);
}

export function isJobThread(): boolean {
  return Reflect.has(globalThis, MARK);
}
