import type { ReactElement } from "react";
import type { JobFilter } from "../../../../src/dashboard/api/index.ts";
import { fingerprintOf } from "../../parts/fingerprint.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { fullTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";

/** A filter as people read it. */
export function FilterText({ filter }: { readonly filter: JobFilter }): ReactElement {
  const zone = useZone();
  const { state, since, before, ...texts } = filter;
  const terms = Object.entries(texts).map(([key, value]) => termOf(key, String(value)));
  if (since !== undefined) terms.push({ key: "since", value: fullTime(since, zone) });
  if (before !== undefined) terms.push({ key: "before", value: fullTime(before, zone) });
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <StateMark state={state} />
      {terms.map(({ key, value }) => (
        <span key={key} className="min-w-0 truncate text-xs">
          <span className="text-muted">{key} </span>
          <code className="font-mono">{value}</code>
        </span>
      ))}
    </span>
  );
}

function termOf(key: string, value: string): { key: string; value: string } {
  const fingerprint = key === "error" ? fingerprintOf(value) : undefined;
  return fingerprint === undefined
    ? { key, value: visibleText(value) }
    : { key: "fingerprint", value: fingerprint };
}
