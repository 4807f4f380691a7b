import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactElement, ReactNode } from "react";

/** A link as the server writes it: relative to the base path, with its parameters. */
export function ServerLink({
  to,
  className,
  children,
}: {
  readonly to: string;
  readonly className: string;
  readonly children: ReactNode;
}): ReactElement {
  const { history } = useRouter();
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const { pathname, search } = new URL(to, document.baseURI);
    history.push(pathname + search);
  };
  return (
    <a href={to} onClick={follow} className={className}>
      {children}
    </a>
  );
}
