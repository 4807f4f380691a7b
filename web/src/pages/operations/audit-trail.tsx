import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { AuditPage } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { AuditList } from "../../parts/audit-list.tsx";
import { Button } from "../../parts/button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Skeleton } from "../../parts/pending.tsx";
import { SearchField } from "../../parts/search-field.tsx";

interface AuditSearch {
  readonly by?: string;
  readonly action?: string;
  readonly subject?: string;
}

interface AuditTrailProps {
  readonly search: AuditSearch;
  readonly onChange: (search: AuditSearch) => void;
}

const FIELDS = [
  { name: "by", label: "By whom" },
  { name: "action", label: "Action, such as job.delete" },
  { name: "subject", label: "On what" },
] as const;

/** Every write through the dashboard: who, what, when, and what came of it. */
export function AuditTrail({ search: { by, action, subject }, onChange }: AuditTrailProps): ReactElement {
  const search = { ...(by ? { by } : {}), ...(action ? { action } : {}), ...(subject ? { subject } : {}) };
  const pages = useInfiniteQuery<
    AuditPage,
    Error,
    { pages: AuditPage[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: ["GET audit", search],
    queryFn: ({ pageParam, signal }) =>
      call("GET audit", {
        query: { ...search, ...(pageParam === undefined ? {} : { after: pageParam }) },
        signal,
      }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        {FIELDS.map(({ name, label }) => (
          <SearchField
            key={name}
            label={label}
            value={search[name] ?? ""}
            onSearch={(text) => onChange({ ...search, [name]: text })}
          />
        ))}
      </div>
      {pages.error && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isLoading && <Skeleton />}
      {pages.isSuccess && rows.length === 0 && (
        <Empty icon="eye" title="Nothing was done">
          {Object.keys(search).length > 0
            ? "Or not by them, or not to this: clear a field."
            : "Each write through the dashboard leaves an entry here."}
        </Empty>
      )}
      {rows.length > 0 && (
        <div className="card px-4 py-1">
          <AuditList entries={rows} />
        </div>
      )}
      {pages.hasNextPage && (
        <div className="flex justify-center py-4">
          <Button icon="down" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}
