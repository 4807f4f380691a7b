import { newId } from "../../base/ids.ts";
import {
  type Durability,
  type SignalListener,
  StorageClosedError,
  StoreMissingError,
  TooManyRowsError,
} from "../../storage/index.ts";
import { Connection } from "./connection.ts";
import { channelOf, rootKey, tellingKeys } from "./keys.ts";
import { inspect } from "./open.ts";
import type { Source } from "./options.ts";
import { toList, toText } from "./reply.ts";
import { JOBS_IN_ONE_SCRIPT, type Verb } from "./script.ts";
import { SignalHub } from "./signal.ts";
import { Subscription } from "./subscription.ts";

interface Place {
  readonly source: Source;
  /** What errors call it. */
  readonly name: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly allowEviction: boolean;
  /** Whether nothing need be stored under the prefix. */
  readonly migrates: boolean;
}

/** The ways in which a storage reaches its server: verbs and wake-ups, from opening to closing. */
export class Database {
  readonly ready: Promise<void>;
  durability: Durability = { level: "os", setting: "not known before the storage is ready" };
  readonly #place: Place;
  readonly #root: string;
  /** Tells what this object has written from what others have: it hears of its own at once. */
  readonly #origin: string = newId();
  readonly #connection: Connection;
  readonly #hub: SignalHub = new SignalHub();
  readonly #underWay: Set<Promise<unknown>> = new Set();
  #subscription: Subscription | undefined;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isClosed = false;

  constructor(place: Place) {
    this.#place = place;
    this.#root = rootKey(place.prefix);
    this.#connection = new Connection(place.source, place.name, place.timeoutMs);
    this.ready = this.#open();
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  async ask<Request, Answer>(verb: Verb<Request, Answer>, request: Request): Promise<Answer> {
    if (this.#isClosed) throw new StorageClosedError(this.#place.name);
    const rows = verb.rows?.(request) ?? 0;
    if (rows > JOBS_IN_ONE_SCRIPT) throw new TooManyRowsError(verb.doing, rows, JOBS_IN_ONE_SCRIPT);
    const asked = this.#run(verb, request);
    this.#underWay.add(asked);
    try {
      return await asked;
    } finally {
      this.#underWay.delete(asked);
    }
  }

  subscribe(listener: SignalListener): () => void {
    if (this.#isClosed) return () => {};
    this.#subscription ??= new Subscription(
      this.#place.source,
      channelOf(this.#root),
      this.#origin,
      this.#hub,
      () => this.#connection.isReady,
    );
    return this.#hub.subscribe(listener);
  }

  /** Every call has its deadline, so this ends even when the server is away. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#hub.close();
    this.#subscription?.close();
    await Promise.allSettled(this.#underWay);
    this.#connection.close();
  }

  async #run<Request, Answer>(verb: Verb<Request, Answer>, request: Request): Promise<Answer> {
    if (!this.#isOpen) await this.#open();
    const { doing, kind, script, args, answer } = verb;
    const given = kind === "transition" ? [this.#origin, ...args(request)] : args(request);
    const reply = await this.#connection.run(doing, kind === "read", (redis) =>
      script.run(redis, this.#root, given),
    );
    return answer(kind === "transition" ? this.#tell(reply) : reply, request);
  }

  #tell(reply: unknown): unknown {
    const [result, news] = toList(reply);
    this.#hub.take(toText(news));
    this.#subscription?.stir();
    return result;
  }

  /** Tried again by the next call when it failed: a server that comes up late is no reason to start anew. */
  #open(): Promise<void> {
    this.#opening ??= this.#inspect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #inspect(): Promise<void> {
    const { name, allowEviction, migrates } = this.#place;
    this.durability = await this.#connection.run("open", true, (redis) =>
      inspect(redis, { name, root: this.#root, allowEviction }),
    );
    if (!migrates) await this.#refuseMissing();
    this.#isOpen = true;
  }

  async #refuseMissing(): Promise<void> {
    const keys = tellingKeys(this.#root);
    const found = await this.#connection.run("open", true, (redis) => redis.exists(...keys));
    if (found === 0) throw new StoreMissingError(this.#place.name);
  }
}
