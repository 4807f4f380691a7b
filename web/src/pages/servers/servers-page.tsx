import type { ReactElement } from "react";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { plural } from "../../parts/count.ts";
import { Empty } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { ServerCard } from "./server-card.tsx";

/** Who works, and how they are. */
export function ServersPage(): ReactElement {
  const query = useLiveQuery("GET servers", {}, { everyMs: 3_000 });
  const live = query.data?.servers.filter((server) => server.live) ?? [];
  const slots = live.reduce((sum, { workerCount }) => sum + workerCount, 0);
  return (
    <>
      <PageHead
        title="Servers"
        {...(query.data === undefined ? {} : { hint: `${live.length} live, ${plural(slots, "slot")}` })}
      />
      <Answered query={query}>
        {({ servers }) =>
          servers.length === 0 ? (
            <Empty icon="servers" title="No server is known">
              Jobs can be enqueued, and wait. Start one with{" "}
              <code className="font-mono">new BackgroundJobServer(…)</code>: it shows here within seconds.
            </Empty>
          ) : (
            <ul className="grid gap-3 xl:grid-cols-2">
              {servers.map((server) => (
                <ServerCard key={server.incarnation} server={server} />
              ))}
            </ul>
          )
        }
      </Answered>
    </>
  );
}
