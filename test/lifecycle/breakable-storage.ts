import { type Storage, StorageFailedError } from "../../src/storage/index.ts";

/** The calls that go to the engine. */
const VERBS = [
  "insert",
  "claim",
  "held",
  "park",
  "adopt",
  "giveBack",
  "blame",
  "commit",
  "append",
  "announce",
  "heartbeat",
  "retire",
  "recover",
  "check",
  "promote",
  "release",
  "saveRecurring",
  "dueRecurring",
  "getRecurring",
  "listRecurring",
  "get",
  "watch",
  "appendices",
  "parents",
  "list",
  "counts",
  "statistics",
  "servers",
  "expire",
  "now",
] as const satisfies readonly (keyof Storage)[];
export type Verb = (typeof VERBS)[number];

interface Fault {
  /** `before`: nothing is written. `after`: it is written, and only the answer is lost. */
  readonly when: "before" | "after";
  readonly error: () => Error;
  left: number;
}

/** A real storage whose calls can be made to fail or to hang, and are counted. */
export class BreakableStorage {
  readonly storage: Storage;
  readonly calls = new Map<Verb, number>();
  readonly #faults = new Map<Verb, Fault>();
  readonly #gates = new Map<Verb, Promise<void>>();
  readonly #name: string;

  constructor(inner: Storage) {
    this.#name = inner.name;
    this.storage = new Proxy(inner, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== "function") return member;
        const call = (...args: unknown[]): unknown => Reflect.apply(member, target, args);
        const verb = VERBS.find((one) => one === key);
        return verb === undefined ? call : (...args: unknown[]) => this.#call(verb, () => call(...args));
      },
    });
  }

  /** Makes the next calls of a verb fail, one by default. */
  fail(verb: Verb, over: Partial<Omit<Fault, "left">> & { readonly times?: number } = {}): void {
    const error = () => new StorageFailedError(this.#name, verb, new Error("broken by the test"));
    this.#faults.set(verb, { when: "before", error, ...over, left: over.times ?? 1 });
  }

  /** Calls of a verb wait until the returned function is called. */
  hold(verb: Verb): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.set(verb, promise);
    return () => {
      this.#gates.delete(verb);
      resolve();
    };
  }

  /** Whether every planned failure has happened. */
  get isSpent(): boolean {
    return [...this.#faults.values()].every(({ left }) => left === 0);
  }

  async #call(verb: Verb, call: () => unknown): Promise<unknown> {
    this.calls.set(verb, (this.calls.get(verb) ?? 0) + 1);
    await this.#gates.get(verb);
    const fault = this.#faults.get(verb);
    if (fault === undefined || fault.left === 0) return call();
    fault.left--;
    if (fault.when === "after") await call();
    throw fault.error();
  }
}
