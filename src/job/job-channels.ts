import { type Channel, channel } from "node:diagnostics_channel";

/**
 * The diagnostics channels of jobs, by what they tell. Their names are stable: tools that watch a process from outside
 * subscribe to them. Held here, for Node forgets a channel that nobody holds.
 */
export const JOB_CHANNELS = {
  enqueued: channel("firelater:job:enqueued"),
  existed: channel("firelater:job:existed"),
  requeued: channel("firelater:job:requeued"),
  rescheduled: channel("firelater:job:rescheduled"),
  started: channel("firelater:job:started"),
  succeeded: channel("firelater:job:succeeded"),
  failed: channel("firelater:job:failed"),
  retrying: channel("firelater:job:retrying"),
  deleted: channel("firelater:job:deleted"),
  interrupted: channel("firelater:job:interrupted"),
  parked: channel("firelater:job:parked"),
  recovered: channel("firelater:job:recovered"),
} as const satisfies Readonly<Record<string, Channel>>;

export type JobChannel = keyof typeof JOB_CHANNELS;
