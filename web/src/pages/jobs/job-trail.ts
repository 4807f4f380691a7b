/** The ids of the list that people came from: what `[` and `]` on the page of a job step through. */
let trail: readonly string[] = [];

export function leaveTrail(ids: readonly string[]): void {
  trail = ids;
}

export function neighbour(id: string, step: 1 | -1): string | undefined {
  const at = trail.indexOf(id);
  return at < 0 ? undefined : trail[at + step];
}
