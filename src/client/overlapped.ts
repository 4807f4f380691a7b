import { nextTurn } from "../base/turn.ts";

/**
 * Hands chunks to `store`, one at a time and in order. Of a source that does not wait itself the next chunk is made
 * while the one before is on its way: a server that stores it and this process then work at the same time. The first
 * error ends it, once nothing is under way any more.
 */
export async function overlapped<T>(
  chunks: Iterable<T> | AsyncIterable<T>,
  store: (chunk: T) => Promise<void>,
): Promise<void> {
  if (Symbol.asyncIterator in chunks) {
    for await (const chunk of chunks) await store(chunk);
    return;
  }
  let storing = Promise.resolve();
  try {
    for (const chunk of chunks) {
      await storing;
      storing = store(chunk);
      // Whoever awaits it gets the error; until then it is no unhandled one.
      storing.catch(() => {});
      // A write begins at the end of the turn in which it was asked for: only then is there something to overlap with.
      await nextTurn();
    }
  } finally {
    await storing;
  }
}
