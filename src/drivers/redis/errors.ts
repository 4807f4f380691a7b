import { FirelaterError } from "../../base/error.ts";
import { StorageBusyError, StorageFailedError } from "../../storage/index.ts";

/** The server did not answer in time. Whether it has done what it was asked is not known. */
export class NoAnswerError extends Error {
  constructor(waitedMs: number) {
    super(`no answer within ${waitedMs} ms`);
  }
}

/** The connection broke before the answer came. Whether the server has done what it was asked is not known. */
export class ConnectionLostError extends Error {
  constructor() {
    super("the connection was lost before the answer came");
  }
}

/**
 * Nothing was sent, or the server has refused before it did anything: the same again is no second time. ASK says that the
 * slot is on its way to another node: the keys are here and there then, and a script needs all of them in one place.
 */
export function hasDoneNothing(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Stream isn't writeable|^(?:MOVED|ASK|LOADING|BUSY|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|NOREPLICAS) |(?:^|-)READONLY /.test(
      error.message,
    )
  );
}

/** The answer got lost, or never came. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof ConnectionLostError ||
    (error instanceof Error && error.message.startsWith("Connection is closed"))
  );
}

/** Waiting helps nobody: somebody has to change the password, or what the user may do. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:Client sent AUTH|AUTH |invalid password|DB index is out of range))/.test(
      error.message,
    )
  );
}

/** A replica that was the primary: the connection has to be made anew to find the one that is now. */
export function isReplica(error: Error): boolean {
  return /(?:^|-)READONLY /.test(error.message);
}

/** Where the keys of this storage are, if another node of a cluster has them. */
export function movedTo(error: unknown): { readonly host: string; readonly port: number } | undefined {
  const [, host, port] = error instanceof Error ? (/^MOVED \d+ (.*):(\d+)$/.exec(error.message) ?? []) : [];
  return host === undefined || host === "" || port === undefined ? undefined : { host, port: Number(port) };
}

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown, waitedMs = 0): Error {
  if (error instanceof FirelaterError) return error;
  forgetCommand(error);
  // Somebody's script runs for longer than busy-reply-threshold; ours has not begun.
  if (error instanceof Error && error.message.startsWith("BUSY "))
    return new StorageBusyError(storage, waitedMs, error);
  return new StorageFailedError(storage, doing, error);
}

/** ioredis attaches the command to an error: the password of an AUTH, and all that a script was given. */
function forgetCommand(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, "command");
}
