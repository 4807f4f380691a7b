import type { Problem } from "../problem.ts";

/** One file to compile. Its lines stand where they stand in the document, so the compiler's positions are true. */
export interface SnippetFile {
  readonly document: string;
  readonly name: string;
  readonly text: string;
}

export interface Reading {
  readonly files: readonly SnippetFile[];
  readonly problems: readonly Problem[];
}

interface Marker {
  readonly words: string;
  readonly line: number;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/;
const MARKER = /^\s*<!--\s*snippet:\s*(.*?)\s*(-->)?\s*$/;
const NAME = /^[\w./-]+\.ts$/;

/** The snippets of one document, in order, and what is wrong with their markers. */
export function readSnippets(document: string, text: string): Reading {
  return new Reader(document, text.split("\n")).read();
}

class Reader {
  readonly #document: string;
  readonly #lines: readonly string[];
  readonly #files = new Map<string, string[]>();
  readonly #problems: Problem[] = [];
  #marker: Marker | undefined;
  #at = 0;

  constructor(document: string, lines: readonly string[]) {
    this.#document = document;
    this.#lines = lines;
  }

  read(): Reading {
    while (this.#at < this.#lines.length) this.#step(this.#line(this.#at));
    this.#orphan();
    const files = [...this.#files].map(([name, lines]) => ({
      document: this.#document,
      name,
      text: lines.join("\n"),
    }));
    return { files, problems: this.#problems };
  }

  #step(line: string): void {
    const fence = FENCE.exec(line);
    const marker = MARKER.exec(line);
    if (fence) this.#block(fence[2] ?? "", (fence[3] ?? "").split(/\s+/));
    else if (marker) this.#mark(marker[1] ?? "", marker[2] !== undefined);
    else if (line.trim() === "@example" && !this.#exampleIsFenced()) {
      this.#complain(this.#at, "@example without a ```ts block cannot be checked: fence it");
      this.#at += 1;
    } else {
      if (line.trim() !== "") this.#orphan();
      this.#at += 1;
    }
  }

  /** A marker that ends on its own line waits for the block below; one that goes on holds a hidden file. */
  #mark(words: string, closed: boolean): void {
    this.#orphan();
    const start = this.#at;
    if (closed) {
      this.#marker = { words, line: start };
      this.#at += 1;
      return;
    }
    const end = this.#find(start + 1, (line) => line.trim() === "-->");
    this.#add(this.#nameOf({ words, line: start }), start + 1, end);
    this.#at = end + 1;
  }

  #block(fence: string, [language = "", ...flags]: readonly string[]): void {
    const start = this.#at;
    const end = this.#find(
      start + 1,
      (line) => line.trim().startsWith(fence) && line.trim().replaceAll(fence[0] ?? "`", "") === "",
    );
    this.#at = end + 1;
    const marker = this.#marker;
    this.#marker = undefined;
    if (language !== "ts" && language !== "typescript") {
      if (marker) this.#complain(marker.line, "the block below is not ```ts, so nothing is checked");
      return;
    }
    if (flags.includes("no-check")) this.#skip(marker, start);
    else this.#add(marker ? this.#nameOf(marker) : `line-${start + 1}.ts`, start + 1, end);
  }

  #skip(marker: Marker | undefined, line: number): void {
    if (/^no-check:\s*\S.{9,}/.test(marker?.words ?? "")) return;
    this.#complain(
      line,
      "no-check needs its reason above the block: <!-- snippet: no-check: why it cannot compile -->",
    );
  }

  #nameOf({ words, line }: Marker): string {
    const continued = /^continues\s+(\S+)$/.exec(words)?.[1];
    const name = continued ?? words;
    if (!NAME.test(name)) this.#complain(line, `"${words}" is no file name: write a name that ends in .ts`);
    else if (continued !== undefined && !this.#files.has(name))
      this.#complain(line, `there is no ${name} above to continue`);
    else if (continued === undefined && this.#files.has(name))
      this.#complain(line, `${name} exists above: write "continues ${name}"`);
    return name;
  }

  #add(name: string, from: number, to: number): void {
    const file = this.#files.get(name) ?? this.#lines.map(() => "");
    for (let index = from; index < to; index++) file[index] = this.#line(index);
    this.#files.set(name, file);
  }

  #exampleIsFenced(): boolean {
    const next = this.#find(this.#at + 1, (line) => line.trim() !== "" && !MARKER.test(line));
    return FENCE.test(this.#line(next));
  }

  #orphan(): void {
    if (this.#marker) this.#complain(this.#marker.line, "no ```ts block follows this marker");
    this.#marker = undefined;
  }

  #find(from: number, wanted: (line: string) => boolean): number {
    const offset = this.#lines.slice(from).findIndex(wanted);
    return offset === -1 ? this.#lines.length : from + offset;
  }

  #line(index: number): string {
    return this.#lines[index] ?? "";
  }

  #complain(index: number, message: string): void {
    this.#problems.push({ file: this.#document, line: index + 1, rule: "snippet", message });
  }
}
