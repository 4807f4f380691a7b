import { currentJob } from "firelater";

export async function make(picture: string, width: number): Promise<string> {
  const { attempt, log } = currentJob();
  log(`scaling ${picture} to ${width} pixels`, { attempt, pid: process.pid });
  return `${picture}-${width}.webp`;
}
