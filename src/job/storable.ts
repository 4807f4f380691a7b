import type { Fn } from "./callable.ts";

declare const problem: unique symbol;

/** A type that nothing fits: its text is what the compiler shows in the refusal. */
interface Problem<Text extends string> {
  readonly [problem]: Text;
}

type Stored =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a parameter may be declared void
  | void
  | readonly unknown[]
  | Date
  | RegExp
  | URL
  | Error
  | Uint8Array
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | AbortSignal; // only as the placeholder `job.signal`

type HasMethod<T> = true extends {
  [K in keyof T]-?: undefined extends T[K] ? false : T[K] extends Fn ? true : false;
}[keyof T]
  ? true
  : false;

/** What may be stored, one level deep: `T` itself, or a `Problem` that says why not. The codec checks the rest. */
export type Storable<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? T
    : T extends Fn | symbol
      ? Problem<"a function or symbol cannot be stored: name a job or pass its data">
      : T extends Stored
        ? T
        : HasMethod<T> extends true
          ? Problem<"an object with methods cannot be stored: pass its data or its id">
          : T;

/** The parameters of a job, each storable; labels and `?` are kept. */
export type Args<A extends readonly unknown[]> = { [I in keyof A]: Storable<A[I]> };
