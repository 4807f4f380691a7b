/** Calls back at a steady rate on average: a timer's own lateness is caught up with, as real arrivals do not wait. */
export class Rhythm {
  readonly #timer: NodeJS.Timeout;
  readonly #from = performance.now();
  #done = 0;

  constructor(perSecond: number, beat: () => void) {
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - this.#from) * perSecond) / 1_000);
      for (; this.#done < due; this.#done++) beat();
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
