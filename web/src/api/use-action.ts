import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { tell } from "../parts/toasts.tsx";
import { type Answer, type Asked, CallError, call, type RouteName } from "./call.ts";

interface Told<R extends RouteName> {
  /** What to say when it has worked. */
  readonly done: string | ((answer: Answer<R>) => string);
  readonly after?: (answer: Answer<R>) => void;
}

interface Action<R extends RouteName> {
  readonly run: (asked: Asked<R>) => void;
  readonly busy: boolean;
}

/** One POST: says what came of it, and has everything that is on the page asked again. */
export function useAction<R extends RouteName>(route: R, { done, after }: Told<R>): Action<R> {
  const client = useQueryClient();
  const underWay = useRef(false);
  const { mutate, isPending } = useMutation({
    mutationFn: (asked: Asked<R>) => call(route, asked),
    onSuccess: (answer) => {
      const refusal = refusalOf(answer);
      if (refusal === undefined) tell({ tone: "good", text: typeof done === "string" ? done : done(answer) });
      else tell({ tone: "bad", text: refusal });
      after?.(answer);
    },
    onError: (error) => {
      const mend = error instanceof CallError && error.mend !== null ? ` ${error.mend}` : "";
      tell({ tone: "bad", text: `${error.message}${mend}` });
    },
    onSettled: () => {
      underWay.current = false;
      return client.invalidateQueries({ predicate: ({ queryKey: [route] }) => maySayOtherwise(route) });
    },
  });
  // A second press before the first is drawn as busy is one press too many.
  const run = (asked: Asked<R>) => {
    if (underWay.current) return;
    underWay.current = true;
    mutate(asked);
  };
  return { run, busy: isPending };
}

/** What is on the page, but for who looks at it; what a dialog has asked before it acts is not asked again. */
function maySayOtherwise(route: unknown): boolean {
  return typeof route === "string" && route.startsWith("GET ") && route !== "GET meta";
}

function refusalOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("applied" in answer)) return undefined;
  if (answer.applied !== false) return undefined;
  const note = "note" in answer && typeof answer.note === "string" ? answer.note : null;
  return note ?? "Nothing was changed: it is gone, or has changed meanwhile.";
}
