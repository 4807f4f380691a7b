import { type ReactElement, type ReactNode, useEffect } from "react";
import { useMeta } from "../api/use-meta.ts";
import { useAnnounced } from "./announce.ts";

/** The heading of a page, which is the title of the tab as well, and what can be done with all of it. */
export function PageHead({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly children?: ReactNode;
}): ReactElement {
  const meta = useMeta();
  // Tabs of two dashboards, such as that of production and another, are told apart.
  const place = [meta?.title ?? "Firelater", meta?.environment ?? ""].filter(Boolean).join(" ");
  useEffect(() => {
    document.title = `${title} · ${place}`;
  }, [title, place]);
  useAnnounced(title);
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="line-clamp-2 min-w-0 text-xl font-semibold tracking-tight break-words">{title}</h1>
      {hint && <p className="text-muted">{hint}</p>}
      <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
    </header>
  );
}
