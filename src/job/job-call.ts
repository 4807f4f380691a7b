import { processWide } from "../base/process-wide.ts";

declare const returns: unique symbol;

/** One captured call: a frozen plain value that only the recorder makes. Not a promise, not thenable. */
export interface JobCall<out R = unknown> {
  readonly [returns]: R;
}

/** What the job of a captured call returns. */
export type ReturnOf<C> = C extends JobCall<infer R> ? R : never;

/** The id of a stored job (a string at run time); it remembers what the job returns. */
export type JobId<R = unknown> = string & { readonly [returns]?: R };

/** What a call says: the stored name of the job and the arguments, not yet encoded. */
export interface CapturedCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

interface CallMint {
  make(name: string, args: readonly unknown[]): JobCall;
  read(value: unknown): CapturedCall | undefined;
}

// A private field is the brand: no other object can carry it, and it costs 0.09 µs a call where a WeakMap costs 1.5 µs.
// The class is process-wide, so that a call made by one copy of this module is known to every other copy.
const mint = processWide("call.v1", (): CallMint => {
  class Call implements JobCall {
    declare readonly [returns]: unknown;
    readonly #name: string;
    readonly #args: readonly unknown[];

    constructor(name: string, args: readonly unknown[]) {
      this.#name = name;
      this.#args = args;
      Object.freeze(this);
    }

    static read(value: unknown): CapturedCall | undefined {
      if (typeof value !== "object" || value === null || !(#name in value)) return undefined;
      return { name: value.#name, args: value.#args };
    }
  }
  Reflect.deleteProperty(Call.prototype, "constructor"); // else any call would lead to a way of making more
  return { make: (name, args) => new Call(name, args), read: Call.read };
});

/** Only the recorder calls this. */
export const makeCall: CallMint["make"] = mint.make;

/** What a call says, or undefined when the value is no call that a recorder made. */
export const readCall: CallMint["read"] = mint.read;
