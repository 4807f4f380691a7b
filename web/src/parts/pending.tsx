import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { Failure } from "./notice.tsx";

const SLOW_MS = 4_000;

/** Grey bars in the place of rows, and a word when it takes long. */
export function Skeleton({ rows = 6 }: { readonly rows?: number }): ReactElement {
  const slow = useSlow();
  return (
    <div role="status" className="flex flex-col gap-2 p-4">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={row} className="shimmer h-6 rounded-md" />
      ))}
      {slow && (
        <p className="text-muted">
          The storage takes its time. This is given up after a while; a narrower filter is answered sooner.
        </p>
      )}
    </div>
  );
}

function useSlow(): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return slow;
}

/** The answer when it is there; else that it is on its way, or why it did not come. An old answer stays while it is asked anew. */
export function Answered<T>({
  query,
  rows,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (answer: T) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) {
    return (
      <>
        {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton {...(rows === undefined ? {} : { rows })} />;
}
