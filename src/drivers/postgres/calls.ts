import { StorageClosedError } from "../../storage/index.ts";
import type { Connection } from "./connection.ts";
import type { DueMark } from "./due-mark.ts";
import type { LowWater } from "./low-water.ts";
import { News } from "./news.ts";
import type { Opening } from "./opening.ts";
import type { Signals } from "./signals.ts";
import type { Session } from "./statements.ts";
import { FOLDED_AT_ONCE, fold } from "./statistics.ts";

/** After so many calls the deltas of the counters are folded in passing. */
const FOLD_EVERY = 500;

export interface CallsParts {
  readonly name: string;
  readonly connection: Connection;
  readonly opening: Opening;
  readonly signals: Signals;
  readonly lowWater: LowWater;
  readonly dueMark: DueMark;
}

/** The calls of verbs that are under way: each waits for the opening and tells what it has changed. */
export class Calls {
  readonly #parts: CallsParts;
  readonly #underWay = new Set<Promise<unknown>>();
  #calls = 0;
  #isClosing = false;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  async use<T>(run: (session: Session) => Promise<T>): Promise<T> {
    if (this.#isClosing) throw new StorageClosedError(this.#parts.name);
    const working = this.#work(run);
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** For writes that put jobs back at their old place, where the marks of claim have passed. */
  async puttingBack<T>(writing: Promise<T>): Promise<T> {
    try {
      return await writing;
    } finally {
      this.#parts.lowWater.putBack();
    }
  }

  /** From here on nothing begins: resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#parts.opening.close();
    await Promise.allSettled(this.#underWay);
  }

  async #work<T>(run: (session: Session) => Promise<T>): Promise<T> {
    const { connection, opening, signals, lowWater, dueMark } = this.#parts;
    await opening.opened();
    const news = new News();
    try {
      return await run(connection.session(news));
    } finally {
      if (news.hasPutBack) lowWater.putBack();
      // What was told before a failure may be committed, and is a hint else.
      const told = news.take();
      for (const signal of told) if (signal.kind === "due") dueMark.heard(signal.at);
      signals.tell(told);
      this.#foldInPassing();
    }
  }

  #foldInPassing(): void {
    if (++this.#calls % FOLD_EVERY !== 0 || this.#isClosing) return;
    this.use(async (session) => {
      while ((await fold(session)) === FOLDED_AT_ONCE);
    }).catch(() => {});
  }
}
