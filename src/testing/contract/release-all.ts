import assert from "node:assert/strict";
import type { Storage } from "../../storage/index.ts";

const BITE = 40;
const PATIENCE_MS = 30_000;
/** A neighbour holds what is left: it is done in moments. */
const HELD_UP_MS = 5;

/** Releases until nothing is left, as an engine may have put off what it could; how many were released. */
export async function releaseAll(storage: Storage): Promise<number> {
  let total = 0;
  for (const from = performance.now(); performance.now() - from < PATIENCE_MS; ) {
    const { released, more } = await storage.release(BITE);
    assert(released <= BITE, "more than the limit");
    total += released;
    if (!more) return total;
    if (released === 0) await new Promise((resolve) => setTimeout(resolve, HELD_UP_MS));
  }
  assert.fail("there is always more to release");
}
