import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelay } from "../../base/backoff.ts";
import { newId } from "../../base/ids.ts";
import type { Signal, SignalListener } from "../../storage/index.ts";
import type { Connection, OwnClient } from "./connection.ts";
import { News } from "./news.ts";
import { parseNotification, toNotification } from "./notification.ts";
import type { Statement } from "./statements.ts";

const NOTIFY: Statement = { name: "notify", text: () => "SELECT pg_notify($1, $2)" };
/** Sequences move with every write: one row each, however much there is. The first move is told by is_called alone. */
const MOVED: Statement = {
  name: "moved",
  text: (t) =>
    `SELECT a.last_value + a.is_called::integer + b.last_value + b.is_called::integer FROM ${t.tally}_key_seq a, ${t.jobSeq} b`,
};

/** Every notification takes a lock of the whole database for a moment: what comes within this time shares one. */
const GATHERED_MS = 10;
/** What this process claims on hearing of it comes first: beside a notification each takes longer. */
const HEAD_START_MS = 2;
const RECONNECT = { firstMs: 100, longestMs: 15_000 };
const LOOK = { firstMs: 25, longestMs: 1_000 };
/** So long after a change listeners are woken at every look: what a sequence tells of may be committed a little later. */
const AFTERMATH_MS = 250;

/**
 * Wake-ups: to the listeners of this object at once, to other processes by NOTIFY after the commit, from them by LISTEN
 * on a connection of its own. While that one is not there, or where it cannot be, it looks whether anything has moved.
 */
export class Signals {
  readonly #connection: Connection;
  readonly #opened: () => Promise<void>;
  readonly #listen: boolean;
  readonly channel: string;
  readonly #id = newId();
  readonly #listeners = new Set<SignalListener>();
  readonly #outgoing = new News();
  readonly #stop = new AbortController();
  readonly #stopped = new Promise<void>((resolve) => {
    this.#stop.signal.addEventListener("abort", () => resolve());
  });
  #hasOutgoing = false;
  #sending: Promise<void> | undefined;
  #hearing: Promise<unknown> | undefined;
  #isListening = false;

  constructor(connection: Connection, opened: () => Promise<void>, listen: boolean) {
    this.#connection = connection;
    this.#opened = opened;
    this.#listen = listen;
    this.channel = `firelater.${connection.tables.schema}`;
  }

  subscribe(listener: SignalListener): () => void {
    // A function of its own for each call: whoever subscribes twice is told twice, and stops each by itself.
    const own: SignalListener = (signal) => listener(signal);
    this.#listeners.add(own);
    this.#hearing ??= Promise.all([this.#listen ? this.#listenForEver() : undefined, this.#lookForEver()]);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Of something that is committed. */
  tell(signals: readonly Signal[]): void {
    for (const signal of signals) {
      this.#hear(signal);
      this.#outgoing.tell(signal);
    }
    if (signals.length === 0) return;
    this.#hasOutgoing = true;
    this.#sending ??= this.#send();
  }

  /** What was told is sent; from here on nobody hears anything. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#listeners.clear();
    await this.#sending;
    await this.#hearing;
  }

  #hear(signal: Signal): void {
    for (const listener of [...this.#listeners]) listener(signal);
  }

  async #send(): Promise<void> {
    while (this.#hasOutgoing) {
      this.#hasOutgoing = false;
      if (this.#listeners.size > 0) await this.#pause(HEAD_START_MS);
      const text = toNotification(this.#id, this.#outgoing.take());
      // Only a hint: who does not get it polls.
      await this.#connection
        .session(this.#outgoing)
        .run(NOTIFY, [this.channel, text])
        .catch(() => {});
      await this.#pause(GATHERED_MS);
    }
    this.#sending = undefined;
  }

  async #listenForEver(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        await this.#opened();
        await this.#listenOnce(() => {
          failures = 0;
        });
      } catch {
        // The same as an end: the connection is made anew, and until then the looks go on.
      }
      failures++;
      await this.#pause(backoffDelay(RECONNECT, failures));
    }
  }

  /** Until the connection ends. */
  async #listenOnce(began: () => void): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const own = await this.#connection.takeClient();
    try {
      const ended = this.#endOf(own);
      own.client.on("notification", ({ payload = "" }) => {
        for (const signal of parseNotification(this.#id, payload)) this.#hear(signal);
      });
      await own.client.query({ text: `LISTEN "${this.channel.replaceAll('"', '""')}"`, rowMode: "array" });
      began();
      this.#isListening = true;
      // What happened before, nobody has heard.
      this.#hear({ kind: "changed" });
      await Promise.race([ended, this.#stopped]);
    } finally {
      this.#isListening = false;
      await own.end().catch(() => {});
    }
  }

  #endOf({ client }: OwnClient): Promise<void> {
    return new Promise((resolve) => {
      client.on("error", () => resolve());
      client.on("end", () => resolve());
    });
  }

  async #lookForEver(): Promise<void> {
    let seen = 0;
    let wait = LOOK.longestMs;
    while (!this.#stop.signal.aborted) {
      if (!this.#isListening) {
        const found = await this.#look();
        if (found !== undefined && found !== seen) wait = LOOK.firstMs;
        else wait = Math.min(wait * 2, LOOK.longestMs);
        if (found !== undefined && (found !== seen || wait <= AFTERMATH_MS)) this.#hear({ kind: "changed" });
        seen = found ?? seen;
      }
      await this.#pause(wait * (0.75 + Math.random() / 2));
    }
  }

  async #look(): Promise<number | undefined> {
    try {
      await this.#opened();
      const [row] = await this.#connection.session(new News()).run<[moved: number]>(MOVED, []);
      return row?.[0];
    } catch {
      return undefined;
    }
  }

  /** Keeps no process alive, and ends at once when the storage closes. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: this.#stop.signal }).catch(() => {});
  }
}
