import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon } from "./icon.tsx";

const TYPING_MS = 200;

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** A field that searches while people type, a moment after they stop. It follows the URL when people go back. */
export function SearchField({ label, value, onSearch }: SearchFieldProps): ReactElement {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  useEffect(() => {
    if (text === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = text;
      latest.current(text);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);
  return (
    <search className="relative w-full sm:w-64">
      <Icon name="search" size={14} className="pointer-events-none absolute top-2 left-2.5 text-muted" />
      <input
        data-filter
        className="field w-full pl-8"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
    </search>
  );
}
