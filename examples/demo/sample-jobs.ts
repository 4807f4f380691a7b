import { currentJob } from "firelater";

/** Fails twice and succeeds then, as services that are being restarted do. */
export function unreliable(): string {
  const { attempt, log } = currentJob();
  if (attempt < 3) throw new Error(`the service is not there (attempt ${attempt})`);
  log("the service is back", { attempt });
  return `succeeded in attempt ${attempt}`;
}

/** What a recurring job begins; the slot is all that it knows. */
export function beat(slot: Date): Date {
  return slot;
}

/** Nothing but a later time makes this one special. */
export function remind(text: string): string {
  return text;
}
