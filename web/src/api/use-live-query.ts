import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { type Answer, type Asked, call, type RouteName } from "./call.ts";
import { isPaused, usePaused } from "./live-feed.ts";

interface Pace {
  readonly everyMs?: number;
  readonly enabled?: boolean;
  /** Until the answer is there, the one to the question before stays. Not where it is of another thing with its own actions. */
  readonly keepsOld?: boolean;
}

export function queryKeyOf<R extends RouteName>(
  route: R,
  { params, query }: Asked<R> = {},
): readonly unknown[] {
  return [route, params ?? {}, query ?? {}];
}

/**
 * Asks one route, and asks again every so many milliseconds for as long as somebody looks and has not paused. A storage
 * that answers slowly is asked less often: never for more than a fifth of the time.
 */
export function useLiveQuery<R extends RouteName>(
  route: R,
  asked: Asked<R> = {},
  { everyMs = 0, enabled = true, keepsOld = true }: Pace = {},
): UseQueryResult<Answer<R>> {
  const tookMs = useRef(0);
  usePaused();
  return useQuery<Answer<R>>({
    queryKey: queryKeyOf(route, asked),
    enabled,
    ...(keepsOld ? { placeholderData: keepPreviousData } : {}),
    queryFn: async ({ signal }) => {
      const started = performance.now();
      const answer = await call(route, { ...asked, signal });
      tookMs.current = performance.now() - started;
      return answer;
    },
    refetchInterval: () => (everyMs === 0 || isPaused() ? false : Math.max(everyMs, 4 * tookMs.current)),
  });
}
