import { FINGERPRINT } from "../../storage/index.ts";

/** What stands before it in an entry: within a text the quotes would be escaped. */
export const BEFORE_FINGERPRINT = `"${FINGERPRINT}":"`;
export const FINGERPRINT_CHARS = 16;

/** The fingerprint in an entry of Failed; empty when there is none. */
export function fingerprintOf(entry: string): string {
  const at = entry.indexOf(BEFORE_FINGERPRINT);
  if (at === -1) return "";
  const from = at + BEFORE_FINGERPRINT.length;
  return entry.slice(from, from + FINGERPRINT_CHARS);
}
