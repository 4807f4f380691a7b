import assert from "node:assert/strict";
import type { Storage } from "../../storage/index.ts";

const BITE = 40;

/** Releases until nothing is left, as an engine may have put off what it could; how many were released. */
export async function releaseAll(storage: Storage): Promise<number> {
  let total = 0;
  for (let bite = 0; bite < 50; bite++) {
    const { released, more } = await storage.release(BITE);
    assert(released <= BITE, "more than the limit");
    total += released;
    if (!more) return total;
  }
  assert.fail("there is always more to release");
}
