import type { ReactElement } from "react";

const WIDTH = 96;
const HEIGHT = 24;

/** The course of one number, without axes: it only says whether it rises. Decoration beside the number itself. */
export function Sparkline({
  values,
  className,
}: {
  readonly values: readonly number[];
  readonly className: string;
}): ReactElement | null {
  if (values.length < 2) return null;
  const most = Math.max(1, ...values);
  const x = (at: number) => (at / (values.length - 1)) * WIDTH;
  const y = (value: number) => HEIGHT - 2 - (value / most) * (HEIGHT - 4);
  const line = values
    .map((value, at) => `${at === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={`h-6 w-full ${className}`}
    >
      <path d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} fill="currentColor" opacity="0.12" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
