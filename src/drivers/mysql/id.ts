/** The 16 bytes of a UUID in lower case. */
export function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}

export function idText(value: unknown): string {
  const hex = bytes(value).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function bytes(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new TypeError(`expected bytes in the database, found ${typeof value}`);
  return value;
}
