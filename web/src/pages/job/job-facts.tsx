import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import type { Job, RelatedJob } from "../../../../src/dashboard/api/index.ts";
import { AuditList } from "../../parts/audit-list.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { ValueView } from "../../parts/value-view.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Instant } from "../../time/instant.tsx";
import { Continuations } from "./continuations.tsx";
import { Panel } from "./panel.tsx";

/** What the job is, beside what became of it. */
export function JobFacts({ job }: { readonly job: Job }): ReactElement {
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {job.arguments !== null && (
        <Panel title="Arguments">
          <ValueView value={job.arguments} label="the arguments" id={job.id} part="arguments" />
        </Panel>
      )}
      <Panel title="Job">
        <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
          <Fact name="Queue">
            <Link to="/jobs" search={{ state: job.state, queue: job.queue }} className="row-link">
              {visibleText(job.queue)}
            </Link>
          </Fact>
          <Fact name="Priority">{job.priority}</Fact>
          <Fact name="Attempt">
            {job.attempt}
            {job.failures > 0 && <span className="text-muted"> · {job.failures} failed</span>}
          </Fact>
          <Fact name="Created">
            <Instant at={job.createdAt} />
          </Fact>
          {job.dueAt !== null && (
            <Fact name="Due">
              <Instant at={job.dueAt} />
            </Fact>
          )}
          {job.plannedAt !== null && (
            <Fact name="Planned for">
              <Instant at={job.plannedAt} />
            </Fact>
          )}
          {job.limit !== null && (
            <Fact name="Limit">
              <code className="font-mono text-xs">{visibleText(job.limit.key)}</code> at most {job.limit.max},{" "}
              {job.limit.whenFull === "wait" ? "others wait" : "others are skipped"}
            </Fact>
          )}
          {job.tags.length > 0 && (
            <Fact name="Tags">
              <span className="flex flex-wrap gap-1">
                {job.tags.map((tag) => (
                  <Link
                    key={tag}
                    to="/jobs"
                    search={{ state: job.state, tag }}
                    className="max-w-full truncate rounded bg-sunken px-1.5 text-xs leading-6 hover:text-accent"
                  >
                    {visibleText(tag)}
                  </Link>
                ))}
              </span>
            </Fact>
          )}
        </dl>
      </Panel>
      {job.parents.length > 0 && <Parents parents={job.parents} cut={job.parentsCut} />}
      <Continuations key={job.id} id={job.id} />
      {Object.keys(job.parameters).length > 0 && (
        <Panel title="Parameters">
          <JsonTree value={job.parameters} />
        </Panel>
      )}
      {job.audit.length > 0 && (
        <Panel title="What people did">
          <AuditList entries={job.audit} withSubject={false} />
        </Panel>
      )}
    </div>
  );
}

function Parents({
  parents,
  cut,
}: {
  readonly parents: readonly RelatedJob[];
  readonly cut: number;
}): ReactElement {
  return (
    <Panel title="Continues">
      <ul className="flex flex-col gap-1.5">
        {parents.map(({ id, state, name, displayName }) => (
          <li key={id} className="flex items-center gap-3">
            {state === null ? <span className="text-muted">expired</span> : <StateMark state={state} />}
            <Link to="/jobs/$id" params={{ id }} className="row-link truncate">
              {visibleText(displayName ?? name ?? id)}
            </Link>
          </li>
        ))}
      </ul>
      {cut > 0 && <p className="mt-2 text-muted">and {cut} more</p>}
    </Panel>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
