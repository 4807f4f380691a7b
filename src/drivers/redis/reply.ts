/** What a script answers, narrowed: a reply of another shape is a bug of the script and says so. */
export function toList(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected("a list", reply);
  return reply;
}

export function toText(reply: unknown): string {
  if (typeof reply !== "string") throw unexpected("text", reply);
  return reply;
}

export function toTextOrNull(reply: unknown): string | null {
  return reply === null || reply === undefined ? null : toText(reply);
}

/** A word for each item: one element of an answer costs more than a hundred words. */
export function toWords(reply: unknown): string[] {
  const text = toText(reply);
  return text === "" ? [] : text.split(" ");
}

/** Fields of a hash come as text, results of Lua as integers. */
export function toNumber(reply: unknown): number {
  const value = typeof reply === "number" ? reply : Number(toText(reply));
  if (!Number.isSafeInteger(value)) throw unexpected("a whole number", reply);
  return value;
}

function unexpected(wanted: string, reply: unknown): TypeError {
  return new TypeError(
    `a script was to answer ${wanted} and answered ${JSON.stringify(reply)?.slice(0, 60)}`,
  );
}
