/** How long a loop waits after failures in a row. Jitter keeps many processes from coming back in step. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The wait after the n-th failure in a row (1 for the first): doubles, bounded, between half and the whole of it. */
export function backoffDelay(
  { firstMs, longestMs }: Backoff,
  failures: number,
  random = Math.random,
): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return whole / 2 + (whole / 2) * random();
}
