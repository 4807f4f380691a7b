import { randomFillSync } from "node:crypto";

const POOL_BYTES = 10 * 512;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** A UUID version 7 as the bytes that are stored: a loop by hand has no use for its text. */
export function newId(now: number): Uint8Array {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const id = new Uint8Array(16);
  const high = Math.floor(now / 0x10000);
  id[0] = high >>> 24;
  id[1] = high >>> 16;
  id[2] = high >>> 8;
  id[3] = high;
  id[4] = now >>> 8;
  id[5] = now;
  id.set(pool.subarray(used, used + 10), 6);
  used += 10;
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x70;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
}
