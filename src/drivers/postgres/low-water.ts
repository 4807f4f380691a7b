import type { JobRecord } from "../../storage/index.ts";
import { Siblings } from "../shared/siblings.ts";

/** A part of the ready index: what stands after a position of a queue and has a rank below another. */
export interface Stretch {
  readonly queue: string;
  readonly from: Position;
  readonly belowRank: number;
}

interface Position {
  readonly rank: number;
  readonly seq: number;
}

/** Where one claim looks. `whole`: nothing of its queues is left out. */
export interface View {
  readonly stretches: readonly Stretch[];
  readonly whole: boolean;
  readonly marks: Map<string, Map<number, number>>;
}

const FIRST: Position = { rank: -32_768, seq: 0 };
const ABOVE_ALL_RANKS = 32_768;

/** Marks of so many ranks are kept for a queue: each costs a claim one descent of the index. */
const RANKS = 8;
const siblings = new Siblings<LowWater>();
/** At least this often a claim walks from the start. */
const WHOLE_EVERY_MS = 1_000;

/**
 * Up to where this process has claimed, by queue and rank.
 *
 * Claimed rows leave dead entries at the front of the ready index until a vacuum, and an open snapshot keeps the vacuum
 * from removing them: a claim from the start passes over all of them, 41 k jobs/s against 3.9 k/s. A claim from the
 * marks does not. Every other rank is still looked at in full, so priorities hold at once. Below a mark there may be
 * ready rows: put back with their old seq, or inserted by a slow transaction. They are found when a claim from the
 * marks falls short, when this process itself has put them back, and once a second.
 */
export class LowWater {
  readonly #name: string;
  #marks = new Map<string, Map<number, number>>();
  #wholeAt = 0;

  constructor(name: string) {
    this.#name = name;
    siblings.add(name, this);
  }

  close(): void {
    siblings.remove(this.#name, this);
  }

  /** Where the next claim looks, in order. */
  view(queues: readonly string[], now = performance.now()): View {
    if (now - this.#wholeAt >= WHOLE_EVERY_MS) this.forget(now);
    const stretches = queues.flatMap((queue) => this.#of(queue));
    return { stretches, whole: stretches.every(({ from }) => from === FIRST), marks: this.#marks };
  }

  /** What a claim took. A claim that was under way when the marks were forgotten cannot set them. */
  took({ marks }: View, jobs: readonly JobRecord[]): void {
    if (marks !== this.#marks) return;
    for (const { queue, rank, seq } of jobs) {
      const ranks = marks.get(queue) ?? new Map<number, number>();
      marks.set(queue, ranks);
      if (ranks.size < RANKS || ranks.has(rank)) ranks.set(rank, Math.max(ranks.get(rank) ?? 0, seq));
    }
  }

  /** A write of this process has put jobs back at their old places. */
  putBack(): void {
    for (const one of siblings.of(this.#name)) one.forget();
  }

  /** The next claim walks from the start: rows may stand below the marks. */
  forget(now = performance.now()): void {
    this.#marks = new Map();
    this.#wholeAt = now;
  }

  #of(queue: string): Stretch[] {
    const marks = [...(this.#marks.get(queue) ?? [])].sort(([a], [b]) => a - b);
    const starts = [FIRST, ...marks.map(([rank, seq]) => ({ rank, seq }))];
    const ends = [...marks.map(([rank]) => rank), ABOVE_ALL_RANKS];
    return starts.map((from, nth) => ({ queue, from, belowRank: ends[nth] ?? ABOVE_ALL_RANKS }));
  }
}
