import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Answer, type Asked, call, type RouteName } from "./call.ts";
import { isPaused, useFeed } from "./live-feed.ts";

const took = new Map<string, number>();

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
  { everyMs = 0, enabled = true }: { readonly everyMs?: number; readonly enabled?: boolean } = {},
): UseQueryResult<Answer<R>> {
  const key = queryKeyOf(route, asked);
  const name = JSON.stringify(key);
  useFeed();
  return useQuery<Answer<R>>({
    queryKey: key,
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const started = performance.now();
      const answer = await call(route, { ...asked, signal });
      took.set(name, performance.now() - started);
      return answer;
    },
    refetchInterval: () =>
      everyMs === 0 || isPaused() ? false : Math.max(everyMs, 4 * (took.get(name) ?? 0)),
  });
}
