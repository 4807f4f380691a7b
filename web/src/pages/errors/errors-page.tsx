import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ErrorGroups } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { formatCount, plural } from "../../parts/count.ts";
import { Banner, Empty } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { Pill } from "../../parts/pill.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { ErrorGroupRow } from "./error-group-row.tsx";
import { useStillOrder } from "./use-still-order.ts";

const route = getRouteApi("/errors");

/** Failed jobs by what is wrong: a hundred thousand failures are seldom more than a handful of causes. */
export function ErrorsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useLiveQuery("GET errors", {}, { everyMs: 5_000 });
  return (
    <>
      <PageHead title="Errors" hint="failed jobs, by cause">
        <SearchField
          label="Search errors"
          value={search.search ?? ""}
          onSearch={(text) =>
            void navigate({
              search: (before) => ({ ...before, search: text }),
              ...{ replace: true, resetScroll: false },
            })
          }
        />
      </PageHead>
      <Answered query={query}>
        {(answer) => (
          <Groups
            answer={answer}
            search={search.search ?? ""}
            open={search.open}
            onOpen={(fingerprint) =>
              void navigate({
                search: (before) => ({ ...before, open: fingerprint }),
                ...{ replace: true, resetScroll: false },
              })
            }
          />
        )}
      </Answered>
    </>
  );
}

interface GroupsProps {
  readonly answer: ErrorGroups;
  readonly search: string;
  readonly open: string | undefined;
  readonly onOpen: (fingerprint: string) => void;
}

function Groups({ answer, search, open, onOpen }: GroupsProps): ReactElement {
  const { groups, failed, scanned, incomplete } = answer;
  const [seenAt] = useState(answer.at);
  const still = useStillOrder(groups);
  if (groups.length === 0) {
    return (
      <Empty icon="check" title="No job has failed for good">
        Runs that fail and are tried again are not counted here: the overview shows them.
      </Empty>
    );
  }
  const wanted = search.toLowerCase();
  const found = still.rows.filter(({ error, last }) =>
    `${error?.type} ${error?.message} ${last?.name} ${last?.error}`.toLowerCase().includes(wanted),
  );
  const most = Math.max(1, ...groups.map(({ count }) => count));
  return (
    <>
      <div className="mb-2 flex min-h-7 flex-wrap items-center gap-3 text-muted">
        {plural(groups.length, "cause")} of {plural(failed, "failed job")}
        {still.moved && <Pill onClick={still.renew}>The order has changed: sort anew</Pill>}
      </div>
      {incomplete !== null && (
        <div className="mb-3">
          <Banner>
            Counted over the newest {formatCount(scanned)} of {formatCount(failed)} failed jobs. Requeue or
            delete the largest groups, and the older ones come into sight.
          </Banner>
        </div>
      )}
      {open !== undefined && !groups.some(({ fingerprint }) => fingerprint === open) && (
        <div className="mb-3">
          <Banner>
            No job has failed for good with the error that you look for, <code>{visibleText(open)}</code>, or
            not among the newest. Jobs that are tried again are not counted here.
          </Banner>
        </div>
      )}
      <ul className="card divide-y divide-line overflow-hidden">
        {found.map((group) => (
          <ErrorGroupRow
            key={group.fingerprint}
            group={group}
            most={most}
            isNew={group.firstAt > seenAt}
            open={group.fingerprint === open}
            onToggle={(opens) => onOpen(opens ? group.fingerprint : "")}
          />
        ))}
      </ul>
      {found.length === 0 && (
        <Empty icon="search" title="No error says that">
          Search for a part of a class, a message or a job’s name.
        </Empty>
      )}
    </>
  );
}
