/** Runs actions one after another, in the order in which they were asked for. One that fails holds up none behind it. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(action: () => Promise<T>): Promise<T> {
    const running = this.#last.then(action);
    this.#last = running.catch(() => {});
    return running;
  }
}
