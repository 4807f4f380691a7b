import { LOG_CHARS, LOG_LINES, type LogLine } from "../../storage/index.ts";

/** What a line counts towards `LOG_CHARS`. */
export function charsOf({ text, data }: Pick<LogLine, "text" | "data">): number {
  return text.length + (data?.length ?? 0);
}

/** How many of the newest lines are kept, given the sizes of lines from the newest on. The newest one always is. */
export function keptLines(sizes: readonly number[]): number {
  let chars = 0;
  for (const [nth, size] of sizes.entries()) {
    chars += size;
    if (nth === LOG_LINES || (nth > 0 && chars > LOG_CHARS)) return nth;
  }
  return sizes.length;
}

/** Lines from the oldest on, without those that are too many. */
export function newestLines(lines: readonly LogLine[]): readonly LogLine[] {
  const kept = keptLines(lines.map(charsOf).reverse());
  return kept === lines.length ? lines : lines.slice(lines.length - kept);
}
