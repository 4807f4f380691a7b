import type { Deadline } from "../perform/deadline.ts";

export type Startup = "done" | "failed" | "under way";

/** What a start has come to by the deadline: a storage that does not answer may keep it for ever. */
export async function startupOf(started: Promise<unknown>, deadline: Deadline): Promise<Startup> {
  let startup: Startup = "under way";
  const seen = started.then(
    () => {
      startup = "done";
    },
    () => {
      startup = "failed";
    },
  );
  await deadline.wait(seen);
  return startup;
}
