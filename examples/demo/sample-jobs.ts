import { currentJob } from "firelater";

/** Fails twice and succeeds then, as services that are being restarted do. */
export function unreliable(): string {
  const { attempt, log } = currentJob();
  if (attempt < 3) throw new Error(`the service is not there (attempt ${attempt})`);
  log("the service is back", { attempt });
  return `succeeded in attempt ${attempt}`;
}

/** Nothing but a later time makes this one special. */
export function remind(text: string): string {
  return text;
}
