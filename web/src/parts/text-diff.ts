export interface DiffPart {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** Beyond this the middle is one part that went and one that came: the table of the search would be too large. */
const MOST_WORDS = 300;

/** What of a text went, what came and what stayed, by words. */
export function diffWords(before: string, after: string): DiffPart[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const head = commonLength(old, now);
  const tail = Math.min(
    commonLength(old.toReversed(), now.toReversed()),
    Math.min(old.length, now.length) - head,
  );
  const middle = diffMiddle(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  return join([...same(now.slice(0, head)), ...middle, ...same(now.slice(now.length - tail))]);
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((word, index) => word !== b[index]);
  return at < 0 ? a.length : at;
}

function same(words: readonly string[]): DiffPart[] {
  return words.map((text) => ({ kind: "same", text }));
}

/** By the longest common subsequence. */
function diffMiddle(old: readonly string[], now: readonly string[]): DiffPart[] {
  if (old.length > MOST_WORDS || now.length > MOST_WORDS) {
    return [
      { kind: "gone", text: old.join("") },
      { kind: "new", text: now.join("") },
    ];
  }
  const length = lengths(old, now);
  const parts: DiffPart[] = [];
  let [i, k] = [0, 0];
  while (i < old.length || k < now.length) {
    const [gone, came] = [old[i], now[k]];
    if (gone !== undefined && gone === came) {
      parts.push({ kind: "same", text: gone });
      i += 1;
      k += 1;
    } else if (gone !== undefined && (came === undefined || at(length, i + 1, k) >= at(length, i, k + 1))) {
      parts.push({ kind: "gone", text: gone });
      i += 1;
    } else if (came !== undefined) {
      parts.push({ kind: "new", text: came });
      k += 1;
    }
  }
  return parts;
}

/** Of what is left from each place in both on. */
function lengths(old: readonly string[], now: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let k = now.length - 1; k >= 0; k -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[k] =
        old[i] === now[k] ? at(table, i + 1, k + 1) + 1 : Math.max(at(table, i + 1, k), at(table, i, k + 1));
    }
  }
  return table;
}

function at(table: readonly (readonly number[])[], i: number, k: number): number {
  return table[i]?.[k] ?? 0;
}

function join(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.kind === part.kind) joined[joined.length - 1] = { ...last, text: last.text + part.text };
    else if (part.text !== "") joined.push(part);
  }
  return joined;
}
