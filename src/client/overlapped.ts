import { nextTurn } from "../base/turn.ts";

/**
 * Hands chunks to `store` in order, `atOnce` at a time. Of a source that does not wait itself the next chunk is made
 * while the one before is on its way: a server that stores it and this process then work at the same time. The first
 * error ends it, once nothing is under way any more.
 */
export async function overlapped<T>(
  chunks: Iterable<T> | AsyncIterable<T>,
  store: (chunk: T) => Promise<void>,
  atOnce = 1,
): Promise<void> {
  if (Symbol.asyncIterator in chunks) {
    for await (const chunk of chunks) await store(chunk);
    return;
  }
  const underWay: Promise<void>[] = [];
  try {
    for (const chunk of chunks) {
      while (underWay.length >= atOnce) await underWay.shift();
      const storing = store(chunk);
      // Whoever awaits it gets the error; until then it is no unhandled one.
      storing.catch(() => {});
      underWay.push(storing);
      // A write begins at the end of the turn in which it was asked for: only then is there something to overlap with.
      await nextTurn();
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
}
