import type { Logger } from "../../base/logger.ts";
import { Loop } from "../../base/loop.ts";
import type { Storage } from "../../storage/index.ts";
import type { Snapshot } from "../api/overview.ts";
import { Problem } from "../http/problem.ts";
import type { Redactor } from "../show/redactor.ts";
import type { Monitor } from "./monitor.ts";
import { newsOf } from "./news-of.ts";
import { EventStream } from "./stream.ts";
import { watchedJobs, withoutData } from "./watched-jobs.ts";

const ROUND_MS = 1_000;
/** So that proxies do not take a quiet stream for a dead one. */
const COMMENT_MS = 15_000;
/** Then a viewer connects again, and is asked anew whether it may. */
const OLDEST_MS = 600_000;
const MOST_STREAMS = 200;

export interface StreamsParts {
  readonly storage: Storage;
  readonly monitor: Monitor;
  readonly redactor: Redactor;
  readonly logger: Logger;
}

/** The open streams of all viewers: one look a second for all of them, and none while nobody looks. */
export class Streams {
  readonly #parts: StreamsParts;
  readonly #open = new Set<EventStream>();
  readonly #loop: Loop;
  #lastSignature = "";
  #commentedAt = 0;
  #closed = false;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      round: () => this.#round(),
      failed: (error) =>
        parts.logger.warn("the live view of the dashboard could not look, trying again", error),
      backoff: { firstMs: ROUND_MS, longestMs: 15_000 },
    });
  }

  /** Opens a stream that begins with this snapshot. At once: one that nobody waits for any more would take a place. */
  open(watched: ReadonlySet<string>, withData: boolean, first: Snapshot): ReadableStream<Uint8Array> {
    if (this.#closed || this.#open.size >= MOST_STREAMS) throw tooMany();
    const stream = new EventStream(watched, withData, () => this.#leave(stream));
    this.#open.add(stream);
    stream.text("retry: 2000\n\n");
    stream.event("snapshot", first);
    this.#loop.start();
    return stream.body;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#open) this.#end(stream, "The dashboard is being closed.");
    await this.#loop.stop();
  }

  async #round(): Promise<number> {
    const { monitor, storage, redactor } = this.#parts;
    const { snapshot } = await monitor.look();
    const signature = newsOf(snapshot);
    const text = signature === this.#lastSignature ? undefined : JSON.stringify(snapshot);
    this.#lastSignature = signature;
    const watched = new Set([...this.#open].flatMap((stream) => [...stream.watched]));
    const changes = await watchedJobs(storage, redactor, watched);
    const comments = performance.now() - this.#commentedAt >= COMMENT_MS;
    if (comments) this.#commentedAt = performance.now();
    for (const stream of this.#open) {
      if (text !== undefined) stream.event("snapshot", text);
      this.#tell(stream, changes);
      if (comments) stream.text(": here\n\n");
      if (performance.now() - stream.openedAt > OLDEST_MS) this.#end(stream, "It is old: connect again.");
      if (!stream.isOpen) this.#leave(stream);
    }
    return ROUND_MS;
  }

  #tell(stream: EventStream, changes: Awaited<ReturnType<typeof watchedJobs>>): void {
    for (const id of stream.watched) {
      const change = changes.get(id);
      if (change === undefined) continue;
      const text = JSON.stringify(stream.withData ? change : withoutData(change));
      const before = stream.sent.get(id);
      stream.sent.set(id, text);
      if (text !== before) stream.event("job", text);
    }
  }

  #end(stream: EventStream, reason: string): void {
    stream.event("bye", { reason });
    stream.end();
    this.#leave(stream);
  }

  #leave(stream: EventStream): void {
    this.#open.delete(stream);
    // Not awaited: the round that is under way may be the one that found nobody left.
    if (this.#open.size === 0) void this.#loop.stop();
  }
}

function tooMany(): Problem {
  return new Problem(503, {
    code: "FL_DASHBOARD_NO_STREAM",
    what: "There is no room for another live stream.",
    mend: "Ask for the snapshot now and then instead.",
  });
}
