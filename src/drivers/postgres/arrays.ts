/**
 * Arrays of PostgreSQL. One array a column makes a statement of any number of rows one prepared statement; pg's own
 * conversion of arrays costs three times as much.
 */
export function plainArray(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/** Any text, quoted: what it holds never becomes syntax. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map(quoted).join(",")}}`;
}

function quoted(value: string | null): string {
  if (value === null) return "NULL";
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : `"${value}"`;
}

const TEXT_OID = 25;
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * A `text[]` that is sent in whichever format the way to the server takes. On our own connections that is the binary one,
 * for the columns of the hot path: histories and arguments are full of quotes, and to escape them here and read them
 * there costs ten times as much as to copy them. What libraries do to a Buffer on its way is their own affair.
 */
export class Texts {
  readonly #values: readonly (string | null)[];

  constructor(values: readonly (string | null)[]) {
    this.#values = values;
  }

  toLiteral(): string {
    return textArray(this.#values);
  }

  toBinary(): Buffer {
    let size = HEAD_BYTES + LENGTH_BYTES * this.#values.length;
    for (const value of this.#values) if (value !== null) size += Buffer.byteLength(value);
    const array = Buffer.allocUnsafe(size);
    let at = writeHead(array, this.#values.length);
    for (const value of this.#values) {
      const bytes = value === null ? -1 : array.write(value, at + LENGTH_BYTES);
      at = array.writeInt32BE(bytes, at) + Math.max(bytes, 0);
    }
    return array;
  }
}

export function texts(values: readonly (string | null)[]): Texts {
  return new Texts(values);
}

/** Dimensions, whether there may be nulls, the type of the elements, their count, the index of the first. */
function writeHead(array: Buffer, count: number): number {
  let at = 0;
  for (const field of [1, 1, TEXT_OID, count, 1]) at = array.writeInt32BE(field, at);
  return at;
}
