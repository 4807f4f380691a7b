/**
 * Which run of a thread may begin next, in memory that both sides see. The thread passes the gate before it begins a run;
 * the server can close it to all runs that have not begun, without asking a thread that may be busy for minutes. Each
 * run passes or is shut out, never both: one compare-and-exchange decides.
 */
export class StartGate {
  readonly memory: SharedArrayBuffer;
  readonly #next: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#next = new Int32Array(memory);
  }

  /** In the thread: whether this run may begin. */
  pass(number: number): boolean {
    return Atomics.compareExchange(this.#next, 0, number, following(number)) === number;
  }

  /** The number of the first run that has not begun. */
  get next(): number {
    return Atomics.load(this.#next, 0);
  }

  /** At the server: shuts out all runs before `number`; the first one that had not begun. */
  closeUntil(number: number): number {
    return Atomics.exchange(this.#next, 0, number);
  }
}

/** Numbers wrap after two thousand million runs: they are told apart by equality, and a few are under way. */
export function following(number: number): number {
  return (number + 1) | 0;
}
