import type { Bounded } from "./envelope.ts";

/** A search that people keep under a name, shared by all viewers. */
export interface SavedView {
  readonly id: string;
  readonly name: string;
  /** The page and its parameters, relative to the base path: `jobs?state=Failed&queue=mail`. */
  readonly link: string;
  readonly by: string | null;
  readonly at: number;
}

/** The saved views of all viewers. */
export interface SavedViews extends Bounded {
  readonly rows: readonly SavedView[];
}

/** A view to be saved. */
export interface SaveViewBody {
  /** 1 to 100 characters. */
  readonly name: string;
  /** 1 to 1,000 characters. */
  readonly link: string;
}
