import { BroadcastChannel } from "node:worker_threads";
import { CHANNEL, type News, type Release } from "./programs/threaded-jobs.ts";

/** The module whose jobs tell their news. */
export const MODULE = new URL("./programs/threaded-jobs.ts", import.meta.url);

/** What jobs in threads tell of themselves, and the way to let them go on. */
export class ThreadNews implements Disposable {
  readonly all: News[] = [];
  readonly #channel = new BroadcastChannel(CHANNEL);
  #heard = Promise.withResolvers<void>();

  constructor() {
    this.#channel.onmessage = ({ data }: { readonly data: News | Release }) => {
      if ("release" in data) return;
      this.all.push(data);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    };
  }

  /** The n-th time that this was told, now or later. */
  async hears(tag: string, what: News["what"] = "begun", n = 1): Promise<News> {
    for (;;) {
      const found = this.of(tag, what)[n - 1];
      if (found !== undefined) return found;
      await this.#heard.promise;
    }
  }

  of(tag: string, what: News["what"] = "begun"): News[] {
    return this.all.filter((one) => one.tag === tag && one.what === what);
  }

  release(tag: string): void {
    const message: Release = { release: tag };
    this.#channel.postMessage(message);
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}
