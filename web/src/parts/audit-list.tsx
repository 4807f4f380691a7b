import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { AuditEntry } from "../../../src/dashboard/api/index.ts";
import { Instant } from "../time/instant.tsx";
import { detailText } from "./detail-text.ts";
import { shortId } from "./short-id.ts";
import { visibleText } from "./visible-text.ts";

const OUTCOMES = {
  begun: "not known to have ended",
  applied: "",
  refused: "refused",
  failed: "failed",
} as const;

/** Who did what, the newest first. */
export function AuditList({
  entries,
  withSubject = true,
}: {
  readonly entries: readonly AuditEntry[];
  readonly withSubject?: boolean;
}): ReactElement {
  return (
    <ul className="divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
          <span className="font-medium">{visibleText(entry.by ?? "somebody")}</span>
          <code className="font-mono text-xs">{entry.action}</code>
          {withSubject && entry.subject !== "" && <Subject entry={entry} />}
          {entry.outcome !== "applied" && (
            <span className="text-xs font-medium text-failed">{OUTCOMES[entry.outcome]}</span>
          )}
          <span className="ml-auto">
            <Instant at={entry.at} />
          </span>
          <span className="w-full text-xs text-muted empty:hidden">{detailText(entry.details)}</span>
        </li>
      ))}
    </ul>
  );
}

function Subject({ entry: { action, subject } }: { readonly entry: AuditEntry }): ReactElement {
  if (action.startsWith("job.")) {
    return (
      <Link
        to="/jobs/$id"
        params={{ id: subject }}
        className="row-link font-mono text-xs underline underline-offset-3"
      >
        {shortId(subject)}
      </Link>
    );
  }
  if (action.startsWith("recurring.")) {
    return (
      <Link to="/recurring/$id" params={{ id: subject }} className="row-link underline underline-offset-3">
        {visibleText(subject)}
      </Link>
    );
  }
  return <span className="job-text">{visibleText(subject)}</span>;
}
