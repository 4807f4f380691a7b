import type { Storage } from "firelater";

/** Lets two servers die under all jobs that are ready: each of them then has crashed twice. */
export async function crashTwice({ storage }: { readonly storage: Storage }): Promise<void> {
  await announce(storage, "judge");
  for (const incarnation of ["first", "second"]) {
    await announce(storage, incarnation);
    const request = {
      incarnation,
      entry: '"state":"Processing"',
      queues: ["default"],
      slots: 100,
      buffer: 0,
    };
    await storage.claim(request);
    await storage.recover({ incarnation: "judge", dead: [incarnation], limit: 100, quarantineAt: 3 });
  }
  await storage.retire("judge");
}

function announce(storage: Storage, incarnation: string): Promise<void> {
  const elsewhere = { name: incarnation, host: "elsewhere", pid: 1, pidStartedAt: "" };
  return storage.announce({
    incarnation,
    ...elsewhere,
    queues: ["default"],
    workerCount: 1,
    timeoutMs: 60_000,
  });
}
