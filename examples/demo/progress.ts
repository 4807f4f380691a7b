import type { StateCounts } from "firelater";

/** What the terminal shows at one moment. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  readonly inProgress: number;
  readonly retries: number;
  readonly takenOver: number;
  readonly now: string;
}

/** Where it is shown. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Something that stays on the terminal. */
  note(text: string): void;
  /** The last numbers stay where they are. */
  end(): void;
}

/** Longer than the pause of the slowest job, so that the speed follows what happens and does not flicker. */
const WINDOW_MS = 2_000;

/** Jobs are counted by the storage, so those that other processes run are in the numbers; the rest is told. */
export class ProgressMeter {
  readonly #total: number;
  readonly #samples: { at: number; done: number }[] = [];
  retries = 0;
  takenOver = 0;
  now = "";

  constructor(total: number) {
    this.#total = total;
  }

  read(counts: StateCounts): Progress {
    return {
      done: counts.Succeeded,
      total: this.#total,
      perSecond: this.#perSecond(counts.Succeeded),
      inProgress: counts.Processing,
      retries: this.retries,
      takenOver: this.takenOver,
      now: onlyLaterOnes(counts) ? "waiting for what is due later" : this.now,
    };
  }

  #perSecond(done: number): number {
    const at = performance.now();
    this.#samples.push({ at, done });
    while (at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || first.at === at) return 0;
    return ((done - first.done) * 1_000) / (at - first.at);
  }
}

function onlyLaterOnes({ Enqueued, Processing, Scheduled }: StateCounts): boolean {
  return Enqueued + Processing === 0 && Scheduled > 0;
}

/** The numbers in words. */
export function numbers(progress: Progress): string {
  const { done, total, perSecond, inProgress, retries, takenOver } = progress;
  const words = [`${done}/${total} jobs`, `${Math.round(perSecond)}/s`, `${inProgress} in progress`];
  if (retries > 0) words.push(`${retries} ${retries === 1 ? "retry" : "retries"}`);
  if (takenOver > 0) words.push(`${takenOver} taken over`);
  return words.join("  ");
}
