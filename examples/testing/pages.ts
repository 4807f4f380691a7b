import { currentJob } from "firelater";

/** Imports page by page, and goes on where an earlier attempt has ended. */
export async function importPages(fetchPage: (page: number) => Promise<readonly string[]>): Promise<number> {
  const { log, parameters, progress, signal } = currentJob();
  let rows = 0;
  for (let page = Number(parameters.get("page") ?? 1); page <= 3 && !signal.aborted; page++) {
    rows += (await fetchPage(page)).length;
    parameters.set("page", page + 1);
    progress((page / 3) * 100);
    log("imported", { page });
  }
  return rows;
}
