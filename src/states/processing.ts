import { entryTail } from "../storage/index.ts";

/** The tail that a server writes into every job it claims: one text for all of them. */
export function processingEntry(server: string, incarnation: string): string {
  return entryTail("Processing", null, { server, incarnation });
}
