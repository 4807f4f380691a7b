import { append } from "./append.ts";
import { children } from "./children.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { commitScheduled } from "./commit-scheduled.ts";
import { documents } from "./documents.ts";
import { expire } from "./expire.ts";
import { failures } from "./failures.ts";
import type { ContractFixture, ContractRunner } from "./fixture.ts";
import { gateConditions } from "./gate-conditions.ts";
import { gates } from "./gates.ts";
import { insert } from "./insert.ts";
import { leases } from "./leases.ts";
import { lifecycle } from "./lifecycle.ts";
import { limits } from "./limits.ts";
import { limitsFreed } from "./limits-freed.ts";
import { limitsRaces } from "./limits-races.ts";
import { lists } from "./lists.ts";
import { model } from "./model.ts";
import { parameters } from "./parameters.ts";
import { parkAndAdopt } from "./park-and-adopt.ts";
import { promote } from "./promote.ts";
import { queues } from "./queues.ts";
import { races } from "./races.ts";
import { read } from "./read.ts";
import { recover } from "./recover.ts";
import { recurring } from "./recurring.ts";
import { release } from "./release.ts";
import { reports } from "./reports.ts";
import { search } from "./search.ts";
import type { ContractTest } from "./section.ts";
import { setUp } from "./setup.ts";
import { signal } from "./signal.ts";
import { statistics } from "./statistics.ts";
import { text } from "./text.ts";
import { transactions } from "./transactions.ts";
import { transactionsBeside } from "./transactions-beside.ts";
import { transactionsOfRuns } from "./transactions-of-runs.ts";
import { transactionsOvertaken } from "./transactions-overtaken.ts";
import { watch } from "./watch.ts";

/** The contract, one section for each file of `src/storage`: data, so that a part of it can be run by itself. */
export const SECTIONS = [
  lifecycle,
  insert,
  text,
  claim,
  parkAndAdopt,
  commit,
  commitScheduled,
  gates,
  gateConditions,
  release,
  limits,
  limitsFreed,
  recover,
  leases,
  promote,
  append,
  parameters,
  read,
  lists,
  watch,
  search,
  statistics,
  queues,
  children,
  failures,
  documents,
  reports,
  recurring,
  expire,
  signal,
  transactions,
  transactionsOfRuns,
  transactionsBeside,
  transactionsOvertaken,
  races,
  limitsRaces,
  model,
] as const;

/** The name of a section: one for each group of verbs. */
export type SectionName = (typeof SECTIONS)[number]["name"];

/**
 * What a driver must do before anything runs on it. These sections call no verb but announce, heartbeat, insert,
 * claim, giveBack, commit, recover, promote, get, watch, now and close; `text`, `gates`, `release` and `races` add
 * `release`.
 */
export const CORE_SECTIONS: readonly SectionName[] = [
  "insert",
  "claim",
  "commit",
  "commit-scheduled",
  "recover",
  "promote",
  "watch",
];

/** What only storages with transactions of their callers keep. Skip them, with the reason, where there is none. */
export const TRANSACTION_SECTIONS: readonly SectionName[] = [
  "transactions",
  "transactions-of-runs",
  "transactions-beside",
  "transactions-overtaken",
];

/** Which part of the suite is run. Default: all of it. */
export interface ContractOptions {
  /** Only these sections, for a driver that is being built. Default: all. */
  readonly sections?: readonly SectionName[];
  /** Sections that the storage does not keep, each with the reason, which is shown beside the results. */
  readonly skip?: readonly { readonly section: SectionName; readonly reason: string }[];
}

/**
 * Registers the contract suite with a test runner. A storage that passes all of it is a Firelater driver.
 *
 * @example
 * ```ts
 * import { describe, test } from "node:test";
 * import { storageContract, TRANSACTION_SECTIONS } from "firelater/testing/contract";
 * import { MemoryStorage } from "firelater/memory"; // your driver here
 *
 * // A storage that takes `{ tx }` skips none of these, and has `begin()` beside `another()`.
 * const skip = TRANSACTION_SECTIONS.map((section) => ({ section, reason: "it has no transactions" }));
 * storageContract({ describe, test }, {
 *   async open() {
 *     const storage = new MemoryStorage();
 *     const handles = [storage];
 *     return {
 *       storage,
 *       async another() {
 *         const other = new MemoryStorage({ sharing: storage });
 *         handles.push(other);
 *         return other;
 *       },
 *       async dispose() {
 *         for (const handle of handles) await handle.close();
 *       },
 *     };
 *   },
 * }, { skip });
 * ```
 */
export function storageContract(
  { describe, test }: ContractRunner,
  fixture: ContractFixture,
  { sections, skip = [] }: ContractOptions = {},
): void {
  describe("the storage contract", () => {
    for (const { name, tests } of SECTIONS) {
      if (sections !== undefined && !sections.includes(name)) continue;
      const reason = skip.find(({ section }) => section === name)?.reason;
      describe(name, () => {
        if (reason !== undefined) test.skip(`not kept: ${reason}`, async () => {});
        else for (const sentence of tests) test(sentence.name, () => prove(sentence, fixture));
      });
    }
  });
}

async function prove({ run }: ContractTest, fixture: ContractFixture): Promise<void> {
  const opened = await fixture.open();
  try {
    await run(setUp(opened));
  } finally {
    await opened.dispose();
  }
}
