/** Of the charts: the last minute as it goes on, hours, or days. */
export const RANGES = [
  { value: "live", label: "Live" },
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 d" },
  { value: "30d", label: "30 d" },
] as const;
export type Range = (typeof RANGES)[number]["value"];

export interface Span {
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;
/** As much by the hour as the API gives at once. */
const LONGEST_MS = 62 * 24 * HOUR_MS;

/** What was drawn on a chart, by whole hours. Undefined where the texts of the URL are none. */
export function spanOf(from: string | undefined, to: string | undefined): Span | undefined {
  if (!/^\d{1,15}$/.test(from ?? "") || !/^\d{1,15}$/.test(to ?? "")) return undefined;
  const span = wholeHours({ from: Number(from), to: Number(to) });
  return span.to - span.from > LONGEST_MS ? undefined : span;
}

/** At least one. */
export function wholeHours({ from, to }: Span): Span {
  const first = Math.floor(Math.min(from, to) / HOUR_MS) * HOUR_MS;
  const last = Math.ceil(Math.max(from, to) / HOUR_MS) * HOUR_MS;
  return { from: first, to: Math.max(last, first + HOUR_MS) };
}
