import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";

/** A cron expression in words; nothing for one that the words cannot say. What runs when is told by the next runs, which are the scheduler's own. */
export function CronWords({ cron }: { readonly cron: string }): ReactElement | null {
  const { data } = useQuery({
    queryKey: ["cron words"],
    queryFn: async () => (await import("cronstrue")).default,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const words = data === undefined ? null : inWords(data, cron);
  return words === null ? null : <span className="text-xs text-muted">{words}</span>;
}

interface Translator {
  toString(expression: string, options: { readonly use24HourTimeFormat: boolean }): string;
}

function inWords(translator: Translator, cron: string): string | null {
  try {
    return translator.toString(cron, { use24HourTimeFormat: true });
  } catch {
    // The scheduler reads more than the words can say.
    return null;
  }
}
