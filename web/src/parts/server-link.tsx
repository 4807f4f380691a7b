import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";

/** A link as the server writes it: relative to the base path, with its parameters. */
export function ServerLink({ to, className, children }: {
  readonly to: string;
  readonly className?: string;
  readonly children: ReactNode;
}): ReactElement {
  const [path = "", query = ""] = to.split("?", 2);
  const search = Object.fromEntries(new URLSearchParams(query));
  return (
    <Link to={`/${path.replace(/^\/+/, "")}`} search={search} {...(className === undefined ? {} : { className })}>
      {children}
    </Link>
  );
}
