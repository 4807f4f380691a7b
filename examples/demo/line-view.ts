import { numbers, type Progress, type ProgressView } from "./progress.ts";

const EVERY_MS = 1_000;

interface Output {
  write(text: string): unknown;
}

/** A line a second, for logs and pipes. */
export class LineView implements ProgressView {
  readonly #out: Output;
  #progress: Progress | undefined;
  #written: Progress | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(out: Output) {
    this.#out = out;
  }

  show(progress: Progress): void {
    this.#progress = progress;
    if (performance.now() - this.#writtenAt >= EVERY_MS) this.#write(progress);
  }

  note(text: string): void {
    this.#out.write(`${text}\n`);
  }

  end(): void {
    if (this.#progress !== undefined && this.#progress !== this.#written) this.#write(this.#progress);
  }

  #write(progress: Progress): void {
    this.#written = progress;
    this.#writtenAt = performance.now();
    this.#out.write(`${[numbers(progress), progress.now].filter(Boolean).join("  ")}\n`);
  }
}
