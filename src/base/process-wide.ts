/**
 * The one value of this name in the whole process, made by whoever asks first.
 *
 * A module may be evaluated twice in one process (dev servers that reload, bundlers that copy a package into several
 * bundles), and a job set made by one copy is then handed to a client of the other. What must be recognised across
 * copies therefore hangs on `globalThis` under a registered symbol. The name carries a version: a copy with another
 * shape uses another name and is refused politely instead of being misread.
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`firelater.${name}`);
  const present: T | undefined = Reflect.get(globalThis, key);
  if (present !== undefined) return present;
  const made = make();
  Object.defineProperty(globalThis, key, { value: made });
  return made;
}
