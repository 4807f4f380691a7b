/** A pool of the caller's has given none of its connections in time. */
export class NoConnectionError extends Error {
  constructor(waitedMs: number) {
    super(`the pool gave no connection within ${waitedMs} ms: all of them are in use`);
  }
}

/**
 * A connection of a pool whose own waiting has perhaps no end. Whoever holds the last ones may be waiting for us, such as
 * transactions of callers: then all would wait for ever. One that comes too late is given back.
 */
export function connectionInTime<C>(
  connecting: Promise<C>,
  mostMs: number,
  giveBack: (connection: C) => void,
): Promise<C> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new NoConnectionError(mostMs));
    }, mostMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    connecting.then(
      (connection) => settle(() => (isLate ? giveBack(connection) : resolve(connection))),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
