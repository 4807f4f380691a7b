import { expect } from "vitest";
import { newId } from "../../src/base/ids.ts";
import type { FilterChain } from "../../src/filters/filter-chain.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { OperationRecords, type OperationRequest } from "../../src/operations/operation-records.ts";
import { Operator } from "../../src/operations/operator.ts";
import { entryTail, type NewJob, type Storage } from "../../src/storage/index.ts";
import { SOON, type Workbench } from "./workbench.ts";

const HOUR_MS = 3_600_000;

/** Stores jobs for an hour later, the quickest state from which they can be requeued and deleted. */
export async function scheduled(
  storage: Storage,
  count: number,
  over: Partial<NewJob> = {},
): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, nth) => ({
    ...{ id: newId(), queue: "default", rank: 0, name: "mail", args: `[{"nth":${nth}}]`, displayName: null },
    ...{ entry: entryTail("Scheduled"), due: { in: HOUR_MS } },
    ...over,
  }));
  const { maxRows } = storage.manifest;
  for (let at = 0; at < count; at += maxRows) await storage.insert(jobs.slice(at, at + maxRows));
  return jobs.map(({ id }) => id);
}

interface Work {
  readonly chainOf?: (name: string) => FilterChain | undefined;
  readonly name?: string;
  readonly leaseMs?: number;
  readonly longMs?: number;
  /** Hears of rounds that have failed. */
  readonly failed?: (error: unknown) => void;
}

/** An operator at work, as a server has one. */
export function work(
  storage: Storage,
  { chainOf = () => undefined, name = "test", failed = () => {}, ...timing }: Work = {},
): Operator {
  const parts = {
    ...{ storage, chainOf, pollingMs: 10, incarnation: () => name },
    warn: () => {},
    failed: () => failed,
  };
  const operator = new Operator(parts, { idleMs: 5, leaseMs: 60_000, longMs: 1_000, ...timing });
  operator.start();
  return operator;
}

/** A storage that dies with its process right behind a commit: nobody hears of that one, or of anything later. */
export function dyingStorage(storage: Storage): { readonly storage: Storage; readonly died: Promise<void> } {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  let isDead = false;
  const never = (): Promise<never> => new Promise(() => {});
  const dying = new Proxy(storage, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (isDead) return never();
        const answer: unknown = await Reflect.apply(member, target, args);
        if (key !== "commit") return answer;
        isDead = true;
        resolve();
        return never();
      };
    },
  });
  return { storage: dying, died };
}

/** A filter that is asked which state a job is to enter. */
export function electing(onStateElection: () => void | Promise<void>): FilterChain {
  return {
    ...{ creating: [], clientExceptions: [], performing: [], serverExceptions: [], applied: [] },
    electing: { beforeRetry: [{ onStateElection }], afterRetry: [] },
  };
}

/** Writes an operation down; its id. */
export async function begin(
  storage: Storage,
  kind: OperationRequest["kind"],
  selection: OperationRequest["selection"],
  over: Partial<OperationRequest> = {},
): Promise<string> {
  const request = { kind, selection, by: "eve", pace: null, matches: null, ...over };
  return (await new OperationRecords(storage).begin(request)).id;
}

export async function read(storage: Storage, id: string): Promise<Operation | undefined> {
  return (await new OperationRecords(storage).find(id))?.operation;
}

export async function ends(storage: Storage, id: string): Promise<Operation | undefined> {
  await expect.poll(async () => (await read(storage, id))?.endedAt ?? null, SOON).not.toBe(null);
  return read(storage, id);
}

/** How often each job was requeued by an operation, as its history tells. */
export async function requeues(bench: Workbench, ids: readonly string[]): Promise<number[]> {
  const rows = await bench.rows(ids);
  return rows.map(({ history }) => history.split("Requeued by an operation").length - 1);
}
