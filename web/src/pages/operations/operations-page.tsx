import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { buttonClass } from "../../parts/button.tsx";
import { Empty } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { AuditTrail } from "./audit-trail.tsx";
import { OperationCard } from "./operation-card.tsx";

const TABS = [
  { value: "operations", label: "Operations" },
  { value: "audit", label: "Audit trail" },
] as const;
const route = getRouteApi("/operations");

/** What people did: to many jobs at once, and at all. */
export function OperationsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = search.tab === "audit" ? "audit" : "operations";
  return (
    <>
      <PageHead title={tab === "audit" ? "Audit trail" : "Operations"}>
        <Segmented
          label="Part"
          options={TABS}
          value={tab}
          onPick={(value) => void navigate({ search: value === "audit" ? { tab: value } : {} })}
        />
      </PageHead>
      {tab === "audit" ? (
        <AuditTrail
          search={search}
          onChange={(next) => void navigate({ search: { tab: "audit", ...next }, replace: true })}
        />
      ) : (
        <OperationList after={search.after} />
      )}
    </>
  );
}

function OperationList({ after }: { readonly after: string | undefined }): ReactElement {
  const query = useLiveQuery(
    "GET operations",
    { query: after === undefined ? {} : { after } },
    { everyMs: 1_500 },
  );
  return (
    <Answered query={query}>
      {({ rows, next }) =>
        rows.length === 0 && after === undefined ? (
          <Empty icon="operations" title="Nobody has acted on many jobs at once">
            Filter{" "}
            <Link to="/jobs" search={{ state: "Failed" }} className="underline underline-offset-3">
              jobs
            </Link>{" "}
            or open a cause of{" "}
            <Link to="/errors" className="underline underline-offset-3">
              errors
            </Link>
            : all that match can be requeued or deleted, however many.
          </Empty>
        ) : (
          <>
            <ul className="flex flex-col gap-3">
              {rows.map((operation) => (
                <OperationCard key={operation.id} operation={operation} />
              ))}
            </ul>
            <nav aria-label="More operations" className="flex justify-center gap-2 py-4 empty:hidden">
              {after !== undefined && (
                <Link to="/operations" className={buttonClass()}>
                  The newest
                </Link>
              )}
              {next !== null && (
                <Link to="/operations" search={{ after: next }} className={buttonClass()}>
                  Older ones
                </Link>
              )}
            </nav>
          </>
        )
      }
    </Answered>
  );
}
