import { numbers, type Progress, type ProgressView } from "./progress.ts";

interface Terminal {
  readonly columns: number;
  write(text: string): unknown;
}

/** One line at the bottom that is drawn again and again. */
export class BarView implements ProgressView {
  readonly #out: Terminal;
  #line = "";

  constructor(out: Terminal) {
    this.#out = out;
  }

  show(progress: Progress): void {
    const erase = this.#erase();
    // One column stays free: some terminals wrap a full line.
    this.#line = barLine(progress, this.#out.columns - 1);
    this.#out.write(erase + this.#line);
  }

  note(text: string): void {
    this.#out.write(`${this.#erase()}${text}\n${this.#line}`);
  }

  end(): void {
    if (this.#line !== "") this.#out.write("\n");
    this.#line = "";
  }

  /** A terminal that was made narrower has wrapped the line: all of its rows go. */
  #erase(): string {
    const above = Math.max(0, Math.ceil(this.#line.length / this.#out.columns) - 1);
    return `\r${above > 0 ? `\x1b[${above}A` : ""}\x1b[J`;
  }
}

const BAR_WIDTHS = [30, 20, 10];
const LEAST_FOR_NOW = 16;

/** The widest bar that leaves room for all else; where the terminal is narrow, the numbers alone. */
function barLine(progress: Progress, columns: number): string {
  const text = numbers(progress);
  const width = BAR_WIDTHS.find((wide) => wide + text.length + LEAST_FOR_NOW + 4 <= columns);
  const line = width === undefined ? text : `${bar(progress, width)}  ${text}`;
  const room = columns - line.length - 2;
  return room < LEAST_FOR_NOW ? line.slice(0, columns) : `${line}  ${shorten(progress.now, room)}`;
}

function bar({ done, total }: Progress, width: number): string {
  const full = Math.floor((width * done) / total);
  return "█".repeat(full) + "░".repeat(width - full);
}

/** The end of a path says more than its beginning. */
function shorten(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(1 - length)}`;
}
