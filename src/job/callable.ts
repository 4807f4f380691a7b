/** Any function, for type tests: `never[]` accepts every list of parameters without `any`. */
export type Fn = (...args: never[]) => unknown;

/** Any function, for calling it with arguments that come from storage. */
export type Callable = (...args: readonly unknown[]) => unknown;

/** Any class, abstract or with a private constructor included at run time. */
export type AnyClass = abstract new (...args: never[]) => object;

export function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}

/**
 * Whether a function is a class. Its `prototype` property cannot be written; that of a plain function can. Nothing else
 * tells them apart without reading source text, and compilers that lower classes keep this mark too.
 */
export function isClass(value: unknown): value is AnyClass {
  if (typeof value !== "function") return false;
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}
