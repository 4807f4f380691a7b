/** A thread that does the work of CPU-bound jobs and nothing else: what the cores of this machine give. */
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

const { jobs, rounds }: { readonly jobs: number; readonly rounds: number } = workerData;
for (let job = 0; job < jobs; job++) {
  let hash = "";
  for (let round = 0; round < rounds; round++) hash = createHash("sha256").update(hash).digest("hex");
}
parentPort?.postMessage("done");
