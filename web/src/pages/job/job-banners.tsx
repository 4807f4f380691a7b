import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { Banner } from "../../parts/notice.tsx";
import { visibleText } from "../../parts/visible-text.ts";

/** What stands in the way of this job, and what to do about it. */
export function JobBanners({ job }: { readonly job: Job }): ReactElement | null {
  const banners: ReactNode[] = [];
  if (job.hold === "unknown") {
    banners.push(
      <Banner key="code" tone="warning">
        No live server knows the name <code className="font-mono">{visibleText(job.name)}</code>. It runs as
        soon as one does: deploy the code, or give the new name this one in{" "}
        <code className="font-mono">formerly</code>.
      </Banner>,
    );
  }
  if (job.state === "Processing" && job.server !== null && !job.server.live) {
    banners.push(
      <Banner key="server" tone="bad">
        Its server has not renewed its lease. Another server takes the job over once it has judged this one
        lost; nothing needs to be done.
      </Banner>,
    );
  }
  if (job.crashes > 0) {
    banners.push(
      <Banner key="crashes" tone="warning">
        {job.crashes === 1 ? "A server" : `${job.crashes} servers`} died while this job was running and to
        blame. Look for what ends the process: memory, <code className="font-mono">process.exit</code>, native
        code.
      </Banner>,
    );
  }
  if (job.hold === "limit" && job.limit !== null) {
    banners.push(
      <Banner key="limit">
        At most {job.limit.max} of the key <code className="font-mono">{visibleText(job.limit.key)}</code> may
        be on their way: it waits for a permit.
      </Banner>,
    );
  }
  if (job.hidden) {
    banners.push(
      <Banner key="hidden">
        Arguments, results, logs and errors are hidden: you are not permitted to see data. Whoever sets up{" "}
        <code className="font-mono">authorize</code> can grant it.
      </Banner>,
    );
  }
  if (job.recurring !== null) {
    banners.push(
      <Banner key="recurring">
        Begun by the recurring job{" "}
        <Link
          to="/recurring/$id"
          params={{ id: job.recurring }}
          className="row-link font-medium underline underline-offset-3"
        >
          {visibleText(job.recurring)}
        </Link>
        .
      </Banner>,
    );
  }
  return banners.length === 0 ? null : <div className="mb-4 flex flex-col gap-2">{banners}</div>;
}
