import assert from "node:assert/strict";
import type { AdoptRequest, ClaimedJob, ClaimRequest, Storage } from "../../storage/index.ts";

/** Claims until it has all that was asked for or nothing is ready: one answer may hold fewer jobs than there are. */
export async function claimFully(storage: Storage, request: ClaimRequest): Promise<ClaimedJob[]> {
  const wanted = request.slots + request.buffer;
  return await takeFully(wanted, async (taken) => {
    const slots = Math.max(0, request.slots - taken);
    return await storage.claim({ ...request, slots, buffer: wanted - taken - slots });
  });
}

/** Adopts until it has all that was asked for or nothing is parked. */
export async function adoptFully(storage: Storage, request: AdoptRequest): Promise<ClaimedJob[]> {
  return await takeFully(request.slots, (taken) =>
    storage.adopt({ ...request, slots: request.slots - taken }),
  );
}

async function takeFully(
  wanted: number,
  take: (taken: number) => Promise<ClaimedJob[]>,
): Promise<ClaimedJob[]> {
  const jobs: ClaimedJob[] = [];
  do {
    const answer = await take(jobs.length);
    jobs.push(...answer);
    assert(jobs.length <= wanted, "more than was asked for");
    if (answer.length === 0) break;
  } while (jobs.length < wanted);
  return jobs;
}
