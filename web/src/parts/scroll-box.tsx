import type { ReactElement, ReactNode } from "react";

interface ScrollBoxProps {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
}

/** Text of a job, as much as fits; the rest is scrolled to, with keys as well. */
export function ScrollBox({ label, className, children }: ScrollBoxProps): ReactElement {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
      tabIndex={0}
      className={`overflow-auto rounded-md bg-sunken ${className}`}
    >
      {children}
    </section>
  );
}
