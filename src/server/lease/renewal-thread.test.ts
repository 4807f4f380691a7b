import { describe, expect, it } from "vitest";
import { RenewalThread } from "./renewal-thread.ts";

/** A thread takes its time to begin on a busy machine. */
const SOON = { timeout: 15_000 };

/** A thread of this code, and what its end was put down to. */
function threadOf(url: string) {
  const ended: string[] = [];
  const heard: unknown[] = [];
  const thread = new RenewalThread({
    offered: () => ({ url: new URL(url), workerData: {} }),
    intervalMs: 500,
    heard: (message) => heard.push(message),
    ended: (error) => ended.push(String(error)),
  });
  return { thread, ended, heard };
}

const code = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

describe("RenewalThread", () => {
  it("hears its thread until it is stopped, and takes that for no end", async () => {
    const { thread, ended, heard } = threadOf(
      code(`import { parentPort, workerData } from "node:worker_threads";
        parentPort.postMessage({ kind: "failed", message: workerData.incarnation + workerData.intervalMs });
        setInterval(() => {}, 1_000);`),
    );
    thread.start("web:1");
    expect(thread.isRunning).toBe(true);
    await expect.poll(() => heard, SOON).toEqual([{ kind: "failed", message: "web:1500" }]);
    await thread.stop();
    expect(thread.isRunning).toBe(false);
    expect(ended).toEqual([]);
  });

  it.each([
    ["cannot be made", "https://example.com/thread.js", "URL"],
    ["fails", code('throw new Error("broken")'), "broken"],
    ["ends without an error", code(""), "exit code 0"],
    ["ends its own process", code("process.exit(3)"), "exit code 3"],
  ])("says so when its thread %s, once, and makes no other", async (_, url, reason) => {
    const { thread, ended } = threadOf(url);
    thread.start("web:1");
    await expect.poll(() => ended, SOON).toEqual([expect.stringContaining(reason)]);
    expect(thread.isRunning).toBe(false);
    thread.start("web:2");
    expect(thread.isRunning).toBe(false);
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
    expect(ended).toHaveLength(1);
  });
});
