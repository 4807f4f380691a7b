/**
 * The items of an async source until it has ended or the signal is aborted; then `interrupted` says which. A source
 * that never answers is left, too.
 */
export class Interruptible<T> implements AsyncIterable<T> {
  interrupted = false;
  readonly #source: AsyncIterable<T>;
  readonly #signal: AbortSignal;
  #giveUp: (() => void) | undefined;

  constructor(source: AsyncIterable<T>, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    const iterator = this.#source[Symbol.asyncIterator]();
    const aborted = (): void => this.#giveUp?.();
    this.#signal.addEventListener("abort", aborted);
    // As with `for await`: a source that has ended, or thrown, is not asked to end.
    let open = false;
    try {
      for (;;) {
        const step = await this.#next(iterator);
        if (step?.done === true) return;
        open = true;
        this.interrupted = step === undefined || this.#signal.aborted;
        if (step === undefined || this.interrupted) return;
        yield step.value;
        open = false;
      }
    } finally {
      this.#signal.removeEventListener("abort", aborted);
      if (open) await this.#leave(iterator);
    }
  }

  /** The next step; undefined when the signal was aborted and the source had no answer at hand. */
  #next(iterator: AsyncIterator<T>): Promise<IteratorResult<T> | undefined> {
    return new Promise((resolve, reject) => {
      // A turn later, so that a source that has just ended can say so.
      this.#giveUp = () => void setImmediate(resolve, undefined);
      if (this.#signal.aborted) this.#giveUp();
      Promise.resolve(iterator.next()).then(resolve, reject);
    });
  }

  /** A source that does not answer would not answer this either: then nobody waits for it. */
  async #leave(iterator: AsyncIterator<T>): Promise<void> {
    const left = (async () => iterator.return?.())();
    if (this.interrupted) left.catch(() => {});
    else await left;
  }
}
