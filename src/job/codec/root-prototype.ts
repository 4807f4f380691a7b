/**
 * Whether an object is the `Object.prototype` of this realm or another. Told by its place, not by identity: test runners
 * have two realms, and a plain object of the other is still plain data.
 */
export function isRootPrototype(object: object | null): boolean {
  if (object === Object.prototype) return true;
  return object !== null && Object.getPrototypeOf(object) === null && Object.hasOwn(object, "isPrototypeOf");
}
