/** Of the charts: the last minute as it goes on, or hours. */
export const RANGES = [
  { value: "live", label: "Live" },
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 d" },
] as const;
export type Range = (typeof RANGES)[number]["value"];
