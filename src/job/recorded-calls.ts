import type { Fn } from "./callable.ts";
import type { JobCall } from "./job-call.ts";
import type { Args } from "./storable.ts";

type Reserved = "then" | "catch" | "finally" | "toJSON" | "constructor" | "prototype";

type Name<T, K> = K extends Reserved
  ? never
  : K extends string
    ? K extends keyof T
      ? T[K] extends Fn
        ? K
        : never
      : never
    : never;

/** The names of an entry's jobs: its functions, without the reserved names. */
export type Names<T> = { [K in keyof T]: Name<T, K> }[keyof T];

type Recorded<F> = F extends (...args: infer A) => infer R
  ? (...args: Args<A>) => JobCall<Awaited<R>>
  : never;

// Homomorphic, so that go-to-definition on `j.mail.welcome` reaches the function.
type Calls<T> = { readonly [K in keyof T as Name<T, K>]: Recorded<T[K]> };

type Entry<T> = T extends Fn
  ? Recorded<T>
  : T extends { readonly prototype: infer I }
    ? Calls<T> & Calls<I> // a class, also one with a private constructor
    : Calls<T>; // a module namespace, object or instance

/** The `j` of `client.enqueue((j) => …)`: the registry's own shape, each function giving a `JobCall`. */
export type Recorder<S> = { readonly [K in keyof S]: Entry<S[K]> };
