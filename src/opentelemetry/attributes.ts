import type { Attributes } from "@opentelemetry/api";
import type { FilteredJob } from "../job/job-filter.ts";

/** The names of attributes. What the conventions leave to a system stands in its own namespace. */
export const ATTRIBUTE = {
  system: "messaging.system",
  destination: "messaging.destination.name",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  messageId: "messaging.message.id",
  batchCount: "messaging.batch.message_count",
  errorType: "error.type",
  jobName: "messaging.firelater.job.name",
  attempt: "messaging.firelater.job.attempt",
  existed: "messaging.firelater.job.existed",
  cancelled: "messaging.firelater.job.cancelled",
} as const;

/** Each type of operation has one name here, its own. */
export type Operation = "create" | "send" | "process";

/** Of low cardinality: what spans and metrics both have. */
export function operationOf(operation: Operation): Attributes {
  return {
    [ATTRIBUTE.system]: "firelater",
    [ATTRIBUTE.operationName]: operation,
    [ATTRIBUTE.operationType]: operation,
  };
}

/** Of low cardinality, too: names and queues are known to the code. */
export function kindOfJob({ name, queue }: FilteredJob): Attributes {
  return { [ATTRIBUTE.destination]: queue, [ATTRIBUTE.jobName]: name };
}
