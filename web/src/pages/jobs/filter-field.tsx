import { type KeyboardEvent, type ReactElement, type RefObject, useId, useState } from "react";
import { Icon } from "../../parts/icon.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { type Suggestion, suggest } from "./filter-suggestions.ts";
import type { FilterKey } from "./job-search.ts";
import { useKnown } from "./use-known.ts";

interface FilterFieldProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly line: string;
  readonly keys: readonly FilterKey[];
  /** The id of what is said about the line. */
  readonly told: string;
  readonly invalid: boolean;
  readonly onChange: (line: string) => void;
}

/**
 * The line that filters are typed into, with what it may go on with below it. Enter filters, as long as no suggestion was
 * gone to with the arrows: nothing is chosen that people did not choose.
 */
export function FilterField({ field, line, keys, told, invalid, onChange }: FilterFieldProps): ReactElement {
  const [focused, setFocused] = useState(false);
  const [closed, setClosed] = useState(false);
  const [at, setAt] = useState(-1);
  const list = useId();
  const known = useKnown(focused);
  const suggestions = focused && !closed ? suggest(line, known, keys) : [];
  const chosen = suggestions[at];
  const set = (next: string) => {
    onChange(next);
    setAt(-1);
    setClosed(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && suggestions.length > 0) {
      event.preventDefault();
      const places = suggestions.length + 1;
      setAt(((at + 1 + move + places) % places) - 1);
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      set(chosen.line);
    } else if (event.key === "Escape") {
      if (suggestions.length > 0) setClosed(true);
      else event.currentTarget.blur();
    } else if (event.key === "Enter") {
      setClosed(true);
    }
  };
  return (
    <div className="relative min-w-0 flex-1 md:max-w-2xl">
      <Icon name="filter" size={14} className="pointer-events-none absolute top-2 left-2.5 text-muted" />
      <input
        ref={field}
        data-filter
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        className="field w-full pl-8 font-mono text-xs"
        aria-label="Filter jobs"
        aria-expanded={suggestions.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${at}`}
        aria-invalid={invalid}
        aria-describedby={told}
        placeholder={'mail.welcome  queue:slow  tag:eu  error:"timed out"  since:2h'}
        value={line}
        onChange={(event) => set(event.target.value)}
        onFocus={() => {
          setFocused(true);
          setClosed(false);
        }}
        onBlur={() => {
          setFocused(false);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={list}
        role="listbox"
        aria-label="Suggestions"
        hidden={suggestions.length === 0}
        className="card absolute inset-x-0 top-full z-30 mt-1 max-h-80 overflow-y-auto bg-raised p-1 shadow-xl"
      >
        {suggestions.map((suggestion, index) => (
          <Option
            key={suggestion.term}
            id={`${list}-${index}`}
            suggestion={suggestion}
            chosen={index === at}
            onHover={() => setAt(index)}
            onPick={() => set(suggestion.line)}
          />
        ))}
      </div>
    </div>
  );
}

interface OptionProps {
  readonly id: string;
  readonly suggestion: Suggestion;
  readonly chosen: boolean;
  readonly onHover: () => void;
  readonly onPick: () => void;
}

function Option({ id, suggestion: { term, hint }, chosen, onHover, onPick }: OptionProps): ReactElement {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as in every combobox
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onClick={onPick}
      onPointerMove={onHover}
      // The focus stays in the field.
      onMouseDown={(event) => event.preventDefault()}
      className={`flex cursor-default items-baseline justify-between gap-4 rounded-md px-2 py-1 ${chosen ? "bg-accent-wash" : ""}`}
    >
      <span className="min-w-0 truncate font-mono text-xs">{visibleText(term)}</span>
      <span className="shrink-0 text-xs text-muted">{hint}</span>
    </div>
  );
}
