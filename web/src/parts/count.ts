const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function formatCount(count: number): string {
  return whole.format(count);
}

/** `18.4K`: for places with room for four characters. */
export function formatShort(count: number): string {
  return count < 10_000 ? whole.format(count) : compact.format(count);
}

/** Exact up to six digits. */
export function formatTile(count: number): string {
  return count < 1_000_000 ? whole.format(count) : compact.format(count);
}

/** `1 job`, `12 jobs`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

export function formatBytes(bytes: number): string {
  const mega = bytes / 1_048_576;
  return mega < 1_000
    ? `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`
    : `${(mega / 1_024).toFixed(1)} GB`;
}

export function formatRate(perSecond: number): string {
  if (perSecond >= 100) return formatShort(Math.round(perSecond));
  return perSecond === 0 ? "0" : perSecond.toFixed(perSecond < 10 ? 1 : 0);
}
