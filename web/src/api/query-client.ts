import { QueryClient } from "@tanstack/react-query";
import { CallError } from "./call.ts";

/** Refusals are answers: asking again gives the same. Everything else may be a restart, and is tried again soon. */
function mayHelp(failures: number, error: Error): boolean {
  if (error instanceof CallError && error.status >= 400 && error.status < 500) return false;
  return failures < 2;
}

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The dashboard may be on this machine: whether the browser thinks that it is online says nothing.
      networkMode: "always",
      retry: mayHelp,
      retryDelay: (failures) => Math.min(1_000 * 2 ** failures, 10_000),
      staleTime: 1_000,
      gcTime: 120_000,
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: "always", retry: false },
  },
});
