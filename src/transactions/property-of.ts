/** A property of a value from elsewhere, whatever the value is; undefined where there is none. */
export function propertyOf(value: unknown, name: PropertyKey): unknown {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject ? Reflect.get(value, name) : undefined;
}

/** Whether it is an object that can be asked to do these. */
export function hasMethods<N extends string>(
  value: unknown,
  ...names: readonly N[]
): value is { readonly [name in N]: (...args: unknown[]) => unknown } {
  return names.every((name) => typeof propertyOf(value, name) === "function");
}
