import { STATE } from "../../src/drivers/shared/state-codes.ts";
import { failed } from "../../src/states/index.ts";

const NAMES = ["mail.welcome", "report.build", "user.sync", "image.resize"];
const QUEUES = ["default", "slow", "mail"];
/** Of errors. */
export const KINDS = 40;

/** What the columns of a failed job hold: `nth` says which name, queue, user and kind of error it has. */
export function failedJob(nth: number) {
  const kind = nth % KINDS;
  const error = {
    type: kind % 3 === 0 ? "TypeError" : "Error",
    message: `request ${nth} to host "h${nth % 7}" timed out`,
    stack: `Error: timed out\n    at call${kind} (/app/jobs/step-${kind}.ts:${nth % 90}:5)\n    at run (/app/main.ts:9:1)`,
  };
  return {
    state: STATE.Failed,
    entry: failed(error).entry,
    queue: QUEUES[nth % QUEUES.length] ?? "",
    name: NAMES[nth % NAMES.length] ?? "",
    args: JSON.stringify([{ user: { id: nth % 1_000 } }, "de"]),
  };
}
