import type { BulkBody } from "../../../../src/dashboard/api/index.ts";

export type BulkAction = BulkBody["action"];
