import { Nodes } from "./nodes.ts";
import type { Connect, Source } from "./options.ts";
import type { SignalHub } from "./signal.ts";

const SOONEST_MS = 25;
const LATEST_MS = 1_000;

/**
 * Hears what other processes have written, over a connection of its own (one that listens can do nothing else). While
 * it does not hear, because the connection is away or the user may not listen, it says from time to time that something
 * may have changed: soon after the last work, then ever more rarely.
 */
export class Subscription {
  readonly #hub: SignalHub;
  readonly #origin: string;
  readonly #channel: string;
  readonly #answers: () => boolean;
  readonly #client: ReturnType<Connect>;
  #hears = false;
  #pauseMs = SOONEST_MS;
  #timer: NodeJS.Timeout | undefined;

  /** `answers` tells whether the server can be asked at all: else nobody need look. */
  constructor(source: Source, channel: string, origin: string, hub: SignalHub, answers: () => boolean) {
    this.#answers = answers;
    this.#hub = hub;
    this.#origin = origin;
    this.#channel = channel;
    this.#client = source.connect();
    // Every node of a cluster tells what is published on any of them.
    new Nodes(this.#client, source.nodes);
    this.#client.on("error", () => {});
    this.#client.on("ready", () => this.#listen());
    this.#client.on("close", () => this.#deaf());
    this.#client.on("message", (_channel: string, message: string) => this.#hear(message));
    this.#plan();
  }

  /** This process has work: whoever polls looks sooner again. */
  stir(): void {
    if (this.#hears || this.#pauseMs === SOONEST_MS) return;
    this.#pauseMs = SOONEST_MS;
    this.#plan();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#hears = true;
    this.#client.disconnect();
  }

  #listen(): void {
    this.#client.subscribe(this.#channel).then(
      () => {
        this.#hears = true;
        clearTimeout(this.#timer);
        // What was told before this moment was told to nobody here.
        this.#hub.changed();
      },
      () => this.#deaf(),
    );
  }

  #deaf(): void {
    if (!this.#hears) return;
    this.#hears = false;
    this.#pauseMs = SOONEST_MS;
    this.#plan();
  }

  #hear(message: string): void {
    const end = message.indexOf(" ");
    if (message.slice(0, end) !== this.#origin) this.#hub.take(message.slice(end + 1));
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const jitter = 0.75 + Math.random() / 2;
    // Listening is no reason for a process to stay alive.
    this.#timer = setTimeout(() => this.#poll(), this.#pauseMs * jitter).unref();
  }

  #poll(): void {
    if (this.#hears) return;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LATEST_MS);
    if (this.#hub.isHeard && this.#answers()) this.#hub.changed();
    this.#plan();
  }
}
