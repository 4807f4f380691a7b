import {
  type ChildrenQuery,
  type DocumentOutcome,
  type DocumentQuery,
  type DocumentRecord,
  type DocumentSave,
  type FailureGroup,
  type FailureQuery,
  MAX_DOCUMENTS,
  MAX_QUEUES,
  MAX_SCAN,
  MOST_CHILDREN,
  type QueueRecord,
  READY_COUNTED,
  type ServerCommand,
  type StorageAdmin,
} from "../../storage/index.ts";
import { fingerprintOf } from "../shared/fingerprint.ts";
import { type Failure, groupFailures } from "../shared/group-failures.ts";
import { startOf, type Tables } from "./schema.ts";

const LAST: number = Number.POSITIVE_INFINITY;

/** The dashboard's verbs on the tables; `open` refuses a storage that is closed. */
export class MemoryAdmin implements StorageAdmin {
  readonly #open: () => Tables;

  constructor(open: () => Tables) {
    this.#open = open;
  }

  async pauseQueue(queue: string, note: string): Promise<void> {
    const { pauses, clock } = this.#open();
    pauses.set(queue, { at: clock(), note });
  }

  async resumeQueue(queue: string): Promise<boolean> {
    const { pauses, signals } = this.#open();
    const wasPaused = pauses.delete(queue);
    if (wasPaused) signals.raiseReady(queue);
    return wasPaused;
  }

  async queues(): Promise<QueueRecord[]> {
    const tables = this.#open();
    const names = new Set([...tables.pauses.keys(), ...readyQueues(tables)]);
    return [...names]
      .sort()
      .slice(0, MAX_QUEUES)
      .map((queue) => queueRecord(tables, queue));
  }

  async report(incarnation: string, vitals: string): Promise<ServerCommand | null> {
    const { servers } = this.#open();
    const server = servers.get(incarnation);
    if (server === undefined) return null;
    servers.set(incarnation, { ...server, vitals });
    return server.command;
  }

  async command(incarnation: string, command: ServerCommand | null): Promise<boolean> {
    const { servers } = this.#open();
    const server = servers.get(incarnation);
    if (server === undefined) return false;
    servers.set(incarnation, { ...server, command });
    return true;
  }

  async children({ parent, limit, after = "" }: ChildrenQuery): Promise<string[]> {
    const ids = [...(this.#open().children.get(parent) ?? [])].filter((id) => id > after);
    return ids.sort().slice(0, Math.max(0, Math.min(limit, MOST_CHILDREN)));
  }

  async failures({ scan, limit }: FailureQuery): Promise<FailureGroup[]> {
    const newest: Failure[] = [];
    for (const { id, entry, stateAt } of this.#open().states.Failed.before(undefined)) {
      if (newest.length >= Math.min(scan, MAX_SCAN)) break;
      newest.push({ id, at: stateAt, fingerprint: fingerprintOf(entry) });
    }
    return groupFailures(newest, limit);
  }

  async saveDocuments(saves: readonly DocumentSave[]): Promise<DocumentOutcome[]> {
    const tables = this.#open();
    return saves.map((save) => (saveOne(tables, save) ? "applied" : "stale"));
  }

  async getDocument(kind: string, id: string): Promise<DocumentRecord | null> {
    return this.#open().documents.get(kind)?.get(id) ?? null;
  }

  async listDocuments({ kind, limit, after, descending = false }: DocumentQuery): Promise<DocumentRecord[]> {
    const sorted = sortedDocuments(this.#open(), kind);
    if (descending) sorted.reverse();
    const from = sorted.filter(({ id }) => after === undefined || (descending ? id < after : id > after));
    return from.slice(0, Math.min(limit, MAX_DOCUMENTS));
  }

  async trimDocuments(kind: string, keep: number, limit: number): Promise<number> {
    const tables = this.#open();
    const sorted = sortedDocuments(tables, kind);
    const gone = sorted.slice(0, Math.min(Math.max(sorted.length - keep, 0), limit));
    for (const { id } of gone) tables.documents.get(kind)?.delete(id);
    return gone.length;
  }
}

function* readyQueues({ enqueued }: Tables): Generator<string, void> {
  for (let place = startOf(""); ; ) {
    const [next] = enqueued.after(place);
    if (next === undefined || next.hold !== null) return;
    yield next.queue;
    place = { ...startOf(next.queue), rank: LAST };
  }
}

function queueRecord({ enqueued, pauses }: Tables, queue: string): QueueRecord {
  let ready = 0;
  let oldestAt: number | null = null;
  let rank: number | undefined;
  for (const job of enqueued.after(startOf(queue))) {
    if (job.queue !== queue || job.hold !== null || ready === READY_COUNTED) break;
    ready++;
    if (job.rank !== rank) oldestAt = Math.min(oldestAt ?? LAST, job.stateAt);
    rank = job.rank;
  }
  return { queue, ready, isBound: ready === READY_COUNTED, oldestAt, paused: pauses.get(queue) ?? null };
}

function saveOne(tables: Tables, { kind, id, version, text }: DocumentSave): boolean {
  const ofKind = tables.documents.get(kind) ?? new Map<string, DocumentRecord>();
  tables.documents.set(kind, ofKind);
  if ((ofKind.get(id)?.version ?? 0) !== version) return false;
  if (text === null) ofKind.delete(id);
  else ofKind.set(id, Object.freeze({ kind, id, version: tables.nextSeq(), at: tables.clock(), text }));
  return true;
}

function sortedDocuments({ documents }: Tables, kind: string): DocumentRecord[] {
  return [...(documents.get(kind)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
}
