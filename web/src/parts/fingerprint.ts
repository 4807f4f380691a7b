const FINGERPRINT = /^(?:"fingerprint":")?([0-9a-f]{16})"?$/;

/** The fingerprint that a filter on errors means; undefined when it means a text. */
export function fingerprintOf(filter: string): string | undefined {
  return FINGERPRINT.exec(filter)?.[1];
}
