/**
 * PostgreSQL's text holds every character but zero. A text that has one, or could be taken for such a text, is stored
 * as JSON behind a mark; all others, nearly all, as they are.
 */
const MARK = "\u0001";

export function toStored(text: string): string {
  return text.includes("\u0000") || text.startsWith(MARK) ? MARK + JSON.stringify(text) : text;
}

export function fromStored(stored: string): string {
  return stored.startsWith(MARK) ? String(JSON.parse(stored.slice(1))) : stored;
}
