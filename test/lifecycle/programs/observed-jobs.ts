/** Jobs for threads, whose module listens to the channel of begun runs in each thread. */
import { subscribe } from "node:diagnostics_channel";
import { BroadcastChannel, isMainThread, threadId } from "node:worker_threads";
import { defineJobs, tryCurrentJob } from "firelater";

export const OBSERVED = "firelater observed jobs";

export interface Observed {
  readonly thread: number;
  readonly message: unknown;
  /** What `currentJob()` says while the message is published. */
  readonly current: string | undefined;
}

if (!isMainThread) {
  subscribe("firelater:job:started", (message) => {
    const channel = new BroadcastChannel(OBSERVED);
    channel.postMessage({ thread: threadId, message, current: tryCurrentJob()?.id } satisfies Observed);
    channel.close();
  });
}

export const jobs = defineJobs({ work: async (n: number) => n + 1 });
