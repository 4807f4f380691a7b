import { setTimeout } from "node:timers/promises";

/** Stands for what takes too long for a request. */
export async function welcome(to: string): Promise<string> {
  await setTimeout(100);
  return `Welcome, ${to}!`;
}
