import { type ReactElement, type ReactNode, useEffect } from "react";
import { announce } from "./announce.ts";

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
  useEffect(() => {
    document.title = `${title} · Firelater`;
    announce(title);
  }, [title]);
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="line-clamp-2 min-w-0 text-xl font-semibold tracking-tight break-words">{title}</h1>
      {hint && <p className="text-muted">{hint}</p>}
      <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
    </header>
  );
}
