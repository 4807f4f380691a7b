/** A stretch of time through which a zone keeps one offset, in epoch milliseconds. */
export interface Stretch {
  readonly start: number;
  /** The first instant that is no longer part of it. */
  readonly end: number;
  /** What is added to UTC to get the wall clock. Whole seconds, for old zones had offsets such as +00:19:32. */
  readonly offset: number;
}
