/**
 * Several texts as one argument of a script, or as its whole answer: a line that says how many bytes each has, then the
 * texts, one behind the other. To be an argument or an element of an answer costs either side more than a short text
 * itself; so a job is one of them, not twenty.
 */
import { toList, toNumber, toText } from "./reply.ts";
import { lua } from "./script.ts";

/** `head` and the lengths, then the texts. */
export function packed(head: string, texts: readonly string[]): string {
  let line = head;
  let body = "";
  for (const text of texts) {
    line += ` ${Buffer.byteLength(text)}`;
    body += text;
  }
  return `${line}\n${body}`;
}

/** `cut` takes the next text of an argument whose line has been read up to `at`. */
export const CUT: string = lua`
local function cut(text, at, length)
  local from = at
  at = at + length
  return string.sub(text, from, at - 1), at
end
`;

/** Reads what a script has packed and answered as `{ bytes, text }`. */
export class Unpacking {
  readonly #text: string;
  readonly #isAscii: boolean;
  #at = 0;

  constructor(reply: unknown) {
    const [bytes, text] = toList(reply);
    const whole = toText(text);
    this.#isAscii = whole.length === toNumber(bytes);
    // Lengths count bytes: where a character has several, each byte is made one, and a text is decoded when it is taken.
    this.#text = this.#isAscii ? whole : Buffer.from(whole).toString("latin1");
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What stands before the next line break. */
  line(): string {
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.text(end - this.#at);
    this.#at++;
    return line;
  }

  text(bytes: number): string {
    const from = this.#at;
    this.#at += bytes;
    const text = this.#text.slice(from, this.#at);
    return this.#isAscii ? text : Buffer.from(text, "latin1").toString();
  }
}
