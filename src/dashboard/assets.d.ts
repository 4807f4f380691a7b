/**
 * What `npm run build:web` writes to `assets.ts`, which is not kept in the repo: the built page, without a path to any
 * file at run time. While it is missing, the dashboard says so in the place of its page.
 */

/** One file of the built page. */
export interface Asset {
  /** Its media type, with the charset for text. */
  readonly type: string;
  /** Its content, brotli-compressed, in base64: a module of its own, loaded when it is first asked for. */
  readonly load: () => Promise<{ readonly default: string }>;
}

/**
 * `index.html`, not compressed. The server puts the base path, with a slash at its end, in the place of
 * `__FIRELATER_BASE__`, and the nonce of the answer in the place of `__FIRELATER_NONCE__`, wherever they stand.
 */
export declare const PAGE: string;

/** By the path below the base path: `assets/main-D3xQ9a.js`. Names with a hash below `assets/` are cached for ever. */
export declare const ASSETS: ReadonlyMap<string, Asset>;
