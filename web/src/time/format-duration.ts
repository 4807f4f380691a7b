const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** Two units at most: `340 ms`, `4.2 s`, `3 m 12 s`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 1_000) return `${Math.round(size)} ms`;
  if (size < 59_950) return `${(size / 1_000).toFixed(size < 9_950 ? 1 : 0)} s`;
  const at = UNITS.findIndex(([, unit]) => size >= unit);
  const [name, unit] = UNITS[at] ?? ["s", 1_000];
  const [smaller, part] = UNITS[at + 1] ?? ["s", 1_000];
  const rest = Math.floor((size % unit) / part);
  return `${Math.floor(size / unit)} ${name}${rest > 0 ? ` ${rest} ${smaller}` : ""}`;
}

/** One unit, for what is read at a glance: `12 s ago`, `in 3 m`. */
export function formatRelative(at: number, now: number): string {
  const difference = now - at;
  const size = Math.abs(difference);
  if (size < 1_000) return "now";
  const [name, unit] = UNITS.find(([, ms]) => size >= ms) ?? ["s", 1_000];
  const text = `${Math.floor(size / unit)} ${name}`;
  return difference > 0 ? `${text} ago` : `in ${text}`;
}
