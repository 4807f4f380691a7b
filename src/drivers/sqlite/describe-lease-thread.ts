import type { LeaseThread } from "../../storage/index.ts";

/** The module of the thread: `.ts` in the sources, `.js` in the build, beside this file either way. */
export function describeLeaseThread(file: string, name: string): LeaseThread {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return { url: new URL(`./lease-thread${extension}`, import.meta.url), workerData: { file, name } };
}
