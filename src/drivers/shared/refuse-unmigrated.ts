import { SchemaTooOldError, StoreMissingError } from "../../storage/index.ts";

/** For a storage that is to be opened as it is. A version of 0: there is none. */
export function refuseUnmigrated(storage: string, found: number, known: number): void {
  if (found === 0) throw new StoreMissingError(storage);
  if (found < known) throw new SchemaTooOldError(storage, found, known);
}
