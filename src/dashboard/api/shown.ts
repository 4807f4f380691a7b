/**
 * A stored value as JSON. What JSON has no form for is an object with one key that begins with `$`:
 *
 * - `{"$date": "2026-01-31T09:00:00.000Z"}`, `{"$bigint": "12"}`, `{"$undefined": true}`, `{"$number": "NaN"}`,
 *   `{"$url": "https://…"}`, `{"$regexp": ["source", "flags"]}`, `{"$map": [[key, value], …]}`, `{"$set": [value, …]}`;
 * - `{"$placeholder": "job.signal"}`: filled in when the job runs;
 * - `{"$bytes": ["Uint8Array", 1024]}`, `{"$error": {type, message}}`: to be looked at, not to be edited;
 * - `{"$cut": 12}`: so many items, keys or characters are left out here;
 * - `{"$object": {…}}`: a plain object that itself has one key that begins with `$`.
 *
 * A replay takes the same forms back, but for those that are only to be looked at.
 */
export type ShownJson =
  | null
  | boolean
  | number
  | string
  | readonly ShownJson[]
  | { readonly [key: string]: ShownJson };

/** Arguments, or a result. */
export interface ShownValue {
  /** Characters of the stored text. */
  readonly chars: number;
  /** The stored text, or its first 16 KiB; with redaction, the redacted value as JSON. */
  readonly text: string;
  /** `text` is not all of it: ask for it by itself (`GET jobs/:id/arguments`, `GET jobs/:id/result`). */
  readonly cut: boolean;
  /** The value, at most about 16 KiB of it; null when the stored text cannot be read. */
  readonly value: ShownJson;
  /** The stored text cannot be read. */
  readonly unreadable: boolean;
  /** Something in it was replaced by the redaction of the application. */
  readonly redacted: boolean;
  /** `value` is whole and everything in it can be given back: it may be edited for a replay. */
  readonly editable: boolean;
}

/** The whole text of arguments or of a result. */
export interface WholeText {
  readonly text: string;
  readonly redacted: boolean;
}
