/** Why a transaction is rolled back; whoever asked for it knows. */
class RolledBack extends Error {}

/** A transaction of a library, begun and not yet ended. */
export interface HeldOpen<Tx> {
  readonly tx: Tx;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Begins a transaction of a library that takes a callback, and lets whoever begins it end it. */
export async function heldOpen<Tx>(
  run: (body: (tx: Tx) => Promise<void>) => Promise<unknown>,
): Promise<HeldOpen<Tx>> {
  const begun = Promise.withResolvers<Tx>();
  const ending = Promise.withResolvers<void>();
  const done = run((tx) => {
    begun.resolve(tx);
    return ending.promise;
  });
  done.catch(begun.reject);
  return {
    tx: await begun.promise,
    async commit() {
      ending.resolve();
      await done;
    },
    async rollback() {
      ending.reject(new RolledBack());
      await done.catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    },
  };
}
