import type { ReactElement } from "react";

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onPick: (value: T) => void;
}

/** One of a few, all to be seen. */
export function Segmented<T extends string>({
  label,
  options,
  value,
  onPick,
}: SegmentedProps<T>): ReactElement {
  return (
    <fieldset
      aria-label={label}
      className="inline-flex w-fit rounded-md border border-line-strong bg-surface p-0.5"
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onPick(option.value)}
          className="h-6.5 rounded-sm px-2.5 text-xs font-medium text-muted hover:text-ink aria-pressed:bg-ink aria-pressed:text-background"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
