// A getter whose whole body is the name of a variable: `() => welcome`, `() => (mail.welcome)`, `get() { return welcome }`.
const NAME = String.raw`\s*(?:\(\s*[\w$]+(?:\.[\w$]+)?\s*\)|[\w$]+(?:\.[\w$]+)?)\s*`;
const LIVE_BINDING = new RegExp(
  String.raw`^(?:\(\)\s*=>${NAME}|(?:function\s*)?[\w$]*\s*\(\)\s*\{\s*return\b${NAME};?\s*\})$`,
);
const COMMENT = /\/\*[^*]*\*\//g; // bundlers leave `/* binding */` and the like

/**
 * Whether reading a property of this object is reading a variable, nothing more.
 *
 * In a native module namespace exports are data; the loaders of dev servers and most bundlers write the same namespace
 * as an object of getters, one per export. Those must be read, or jobs would vanish in a bundle. Any other getter may
 * do anything, so it is never run: the sign of a namespace is its tag, and where a bundler (esbuild) leaves none, that
 * the getter's source is nothing but a name.
 */
export function isLiveBinding(holder: object, getter: (() => unknown) | undefined): boolean {
  if (getter === undefined) return false;
  return isNamespace(holder) || LIVE_BINDING.test(sourceOf(getter));
}

function sourceOf(getter: () => unknown): string {
  return Function.prototype.toString.call(getter).replace(COMMENT, "");
}

function isNamespace(holder: object): boolean {
  return Object.getOwnPropertyDescriptor(holder, Symbol.toStringTag)?.value === "Module";
}
