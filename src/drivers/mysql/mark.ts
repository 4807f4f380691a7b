import { Siblings } from "../shared/siblings.ts";

/** A place in the ready index of one queue. */
export interface Place {
  readonly rank: number;
  readonly seq: number;
}

export function isBefore(a: Place, b: Place): boolean {
  return (a.rank - b.rank || a.seq - b.seq) < 0;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Up to where this process has claimed in one queue.
 *
 * Claimed jobs leave dead entries at the front of the index until the server purges them, and an open snapshot keeps it
 * from that. A look that locks what it meets pays some 4 µs for each of them, in front of the mark as much as where a
 * range ends; one that does not lock pays less than a tenth. So a claim locks from the mark on. What may stand below it
 * (higher priorities, jobs that were put back, inserts that were slow to commit) is looked for without locks: when this
 * process has written there, when others have written anything, when a claim falls short, and once a second.
 */
export class Mark {
  #place: Place | undefined;
  #suspected = false;
  #lookedAt = 0;

  get place(): Place | undefined {
    return this.#place;
  }

  /** Everything up to here is claimed, or suspected to be still there. */
  raise(place: Place): void {
    if (this.#place === undefined || isBefore(this.#place, place)) this.#place = place;
  }

  suspect(): void {
    this.#suspected = true;
  }

  /** A job is ready here. */
  readied(place: Place): void {
    if (this.#place !== undefined && !isBefore(this.#place, place)) this.#suspected = true;
  }

  /** Whether to look below the mark before anything is taken above it. */
  isLookDue(now = performance.now()): boolean {
    return this.#suspected || now - this.#lookedAt >= LOOK_EVERY_MS;
  }

  /** A look begins: what is suspected from now on it may not see. */
  looks(now = performance.now()): void {
    this.#suspected = false;
    this.#lookedAt = now;
  }
}

const siblings = new Siblings<Marks>();

/** The marks of a storage object, for the queues that its servers ask for. */
export class Marks {
  readonly #name: string;
  readonly #marks = new Map<string, Mark>();

  constructor(name: string) {
    this.#name = name;
    siblings.add(name, this);
  }

  close(): void {
    siblings.remove(this.#name, this);
  }

  of(queue: string): Mark {
    const mark = this.#marks.get(queue) ?? new Mark();
    this.#marks.set(queue, mark);
    return mark;
  }

  /** Others have written something, or a claim was undone. */
  suspectAll(): void {
    for (const mark of this.#marks.values()) mark.suspect();
  }

  /** The first place in each queue where a write has made a job ready. */
  readied(first: ReadonlyMap<string, Place>): void {
    for (const marks of siblings.of(this.#name)) {
      for (const [queue, place] of first) marks.#marks.get(queue)?.readied(place);
    }
  }
}
