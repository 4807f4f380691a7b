/** The end of an id: the beginning of a version 7 is the time, which all jobs of a minute share. */
export function shortId(id: string): string {
  return `…${id.slice(-8)}`;
}
