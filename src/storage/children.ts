/** A page of the jobs behind whose gates a job stands, or stood. */
export interface ChildrenQuery {
  readonly parent: string;
  /** Ids at most, up to `MOST_CHILDREN`. */
  readonly limit: number;
  /** The last id of the page before. */
  readonly after?: string;
}

export const MOST_CHILDREN = 100;
