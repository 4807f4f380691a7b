import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import type {
  Change,
  ClaimedJob,
  ClaimRequest,
  CommitOutcome,
  CommitState,
  JobRecord,
  JobState,
  NewJob,
  RecoveredJob,
  ServerAnnouncement,
  Storage,
} from "../../storage/index.ts";
import { announcement, behind, changeOf, LONG_MS, newJob, PROCESSING } from "./builders.ts";
import { claimFully } from "./claim-fully.ts";
import type { BegunTransaction, OpenedStorage } from "./fixture.ts";

/** An empty storage and the short ways into the situations that the sentences of the contract begin with. */
export interface Setup {
  readonly storage: Storage;
  /** A second handle on the same jobs, as another process would have. */
  another(): Promise<Storage>;
  /** Begins a transaction of a caller's. */
  begin(): Promise<BegunTransaction>;
  /** Stores jobs that must all be accepted. Their ids, in order. */
  insert(...jobs: readonly Partial<NewJob>[]): Promise<string[]>;
  /** Stores one job; its row. */
  inserted(job?: Partial<NewJob>): Promise<JobRecord>;
  /** The row of a job that is there. */
  row(id: string): Promise<JobRecord>;
  /** Announces a server that outlives the test; its incarnation. */
  server(over?: Partial<ServerAnnouncement>): Promise<string>;
  /** Claims up to 100 jobs of queue `default` for slots, unless told otherwise, and no fewer than are ready. */
  claim(incarnation: string, over?: Partial<ClaimRequest>): Promise<ClaimedJob[]>;
  /** Stores one job, in a queue of its own unless told otherwise, and claims it, by a new server unless told. */
  claimed(job?: Partial<NewJob>, incarnation?: string): Promise<ClaimedJob>;
  /** Claims a ready job of a queue of its own once more, by a new server. */
  claimAgain(job: JobRecord): Promise<ClaimedJob>;
  /** Commits one change. */
  commit(change: Change): Promise<CommitOutcome>;
  /** Brings a job as it is known into a state; its new row. */
  enter(job: JobRecord, state: CommitState, over?: Partial<Change>): Promise<JobRecord>;
  /** A job in any state, brought there by the shortest way. */
  jobIn(state: JobState): Promise<JobRecord>;
  /** Recovers what a server holds, as if its process had died beside the judge. */
  lose(incarnation: string, quarantineAt?: number): Promise<readonly RecoveredJob[]>;
}

export function setUp(opened: OpenedStorage): Setup {
  const { storage } = opened;

  async function begin(): Promise<BegunTransaction> {
    assert(
      opened.begin !== undefined,
      "the fixture begins no transactions: skip this section, or give it begin()",
    );
    return await opened.begin();
  }

  async function insert(...jobs: readonly Partial<NewJob>[]): Promise<string[]> {
    const complete = jobs.map((job) => newJob(job));
    const outcomes = await storage.insert(complete);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      complete.map(() => "inserted"),
    );
    return complete.map(({ id }) => id);
  }

  async function inserted(job: Partial<NewJob> = {}): Promise<JobRecord> {
    const [id] = await insert(job);
    assert(id !== undefined);
    return await row(id);
  }

  async function row(id: string): Promise<JobRecord> {
    const [found] = await storage.get([id]);
    assert(found !== undefined, `the job ${id} is gone`);
    return { ...found };
  }

  async function server(over: Partial<ServerAnnouncement> = {}): Promise<string> {
    const announced = announcement(over);
    await storage.announce(announced);
    return announced.incarnation;
  }

  async function claim(incarnation: string, over: Partial<ClaimRequest> = {}): Promise<ClaimedJob[]> {
    const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 100, buffer: 0, ...over };
    return await claimFully(storage, request);
  }

  async function claimed(job: Partial<NewJob> = {}, incarnation?: string): Promise<ClaimedJob> {
    const queue = job.queue ?? `only-${newId()}`;
    const { id } = await inserted({ ...job, queue });
    const owner = incarnation ?? (await server());
    const [first] = await claim(owner, { queues: [queue], slots: 1 });
    assert(first !== undefined && first.id === id, "the job was not claimed");
    return { ...first };
  }

  async function claimAgain({ id, queue }: JobRecord): Promise<ClaimedJob> {
    const [job] = await claim(await server(), { queues: [queue], slots: 1 });
    assert(job !== undefined && job.id === id, "the job was not claimed again");
    return { ...job };
  }

  async function commit(change: Change): Promise<CommitOutcome> {
    const [outcome] = await storage.commit([change]);
    assert(outcome !== undefined);
    return outcome;
  }

  async function enter(job: JobRecord, state: CommitState, over: Partial<Change> = {}): Promise<JobRecord> {
    assert.equal(await commit(changeOf(job, state, over)), "applied");
    return await row(job.id);
  }

  async function jobIn(state: JobState): Promise<JobRecord> {
    if (state === "Enqueued") return await inserted();
    if (state === "Scheduled") return await inserted({ due: { in: LONG_MS } });
    if (state === "Awaiting") return await inserted(behind((await inserted()).id));
    const { blamed: _, ...job } = await claimed();
    return state === "Processing" ? job : await enter(job, state);
  }

  async function lose(incarnation: string, quarantineAt = 3): Promise<readonly RecoveredJob[]> {
    const request = { incarnation: await server(), dead: [incarnation], limit: 100, quarantineAt };
    return (await storage.recover(request)).recovered;
  }

  return {
    storage,
    another: () => opened.another(),
    begin,
    insert,
    inserted,
    row,
    server,
    claim,
    claimed,
    claimAgain,
    commit,
    enter,
    jobIn,
    lose,
  };
}
