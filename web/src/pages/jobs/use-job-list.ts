import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { JobRow, JobsPage } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { queryKeyOf, useLiveQuery } from "../../api/use-live-query.ts";
import type { ListFilter } from "./job-search.ts";
import { mergePages } from "./merge-pages.ts";

const PAGE = 50;
const EVERY_MS = 3_000;

export interface JobList {
  readonly rows: readonly JobRow[];
  /** Rows that have left the list since it was shown: they stay where they are until people want the new list. */
  readonly gone: ReadonlySet<string>;
  /** New rows that are not shown yet. */
  readonly arrived: number;
  readonly total: number | null;
  readonly incomplete: JobsPage["incomplete"];
  readonly error: Error | null;
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly retry: () => void;
  /** Takes the new list. */
  readonly renew: () => void;
}

type Pages = InfiniteData<JobsPage, string | undefined>;

/**
 * A list that holds still. What was loaded stays in its place; the first page is asked again beside it, which says what
 * has come and what has gone, and brings the rows that are still there up to date.
 */
export function useJobList(filter: ListFilter, withArguments: boolean): JobList {
  const client = useQueryClient();
  const asked = { ...filter, limit: PAGE, ...(withArguments ? { with: "args" as const } : {}) };
  const key = ["GET jobs", "list", asked];
  const pages = useInfiniteQuery<JobsPage, Error, Pages, readonly unknown[], string | undefined>({
    queryKey: key,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asked, ...(pageParam === undefined ? {} : { after: pageParam }) };
      const page = await call("GET jobs", { query, signal });
      // What is asked again beside the list begins with this: one search when a list is opened, not two.
      if (pageParam === undefined) client.setQueryData(queryKeyOf("GET jobs", { query: asked }), page);
      return page;
    },
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const head = useLiveQuery("GET jobs", { query: asked }, { everyMs: EVERY_MS, enabled: pages.isSuccess });
  const fresh = head.isPlaceholderData ? undefined : head.data;
  const loaded = pages.data?.pages;
  const renew = async () => {
    if (fresh === undefined) return;
    // A page that is still on its way belongs to the list before.
    await client.cancelQueries({ queryKey: key });
    client.setQueryData<Pages>(key, { pages: [fresh], pageParams: [undefined] });
  };
  // Nobody reads an empty list: there is nothing to hold still.
  const fills = loaded?.every(({ rows }) => rows.length === 0) === true && (fresh?.rows.length ?? 0) > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the first rows come
  useEffect(() => {
    if (fills) void renew();
  }, [fills]);
  const merged = useMemo(() => mergePages(loaded ?? [], fresh), [loaded, fresh]);
  return {
    ...merged,
    total: fresh?.total ?? loaded?.[0]?.total ?? null,
    incomplete: loaded?.at(-1)?.incomplete ?? null,
    error: pages.error ?? head.error,
    isLoading: pages.isLoading,
    isLoadingMore: pages.isFetchingNextPage,
    hasMore: pages.hasNextPage,
    more: () => void pages.fetchNextPage(),
    retry: () => void pages.refetch(),
    renew: () => void renew(),
  };
}
