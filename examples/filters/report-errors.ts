import type { JobFilter } from "firelater";

const REMEMBERED = 1_000;

/**
 * Tells people what jobs throw, by whatever `send` does: a call of a service, a mail. The same error of the same job is
 * told once in a while and not at each of its retries. Should `send` itself fail, the log of the server says so, and the
 * job goes its way.
 */
export function reportErrors(send: (report: string) => void | Promise<void>, quietMs = 60_000): JobFilter {
  const sentAt = new Map<string, number>();

  function isNews(report: string): boolean {
    const now = Date.now();
    if (now - (sentAt.get(report) ?? 0) < quietMs) return false;
    if (sentAt.size >= REMEMBERED) sentAt.clear();
    sentAt.set(report, now);
    return true;
  }

  return {
    name: "report errors",
    async onServerException({ job, error, handled }) {
      const report = `${job.name} threw ${error}`;
      if (!handled && isNews(report)) await send(report);
    },
  };
}
