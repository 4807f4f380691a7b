import { type ReactElement, useState } from "react";
import type { ShownValue } from "../../../src/dashboard/api/index.ts";
import { call } from "../api/call.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { formatCount } from "./count.ts";
import { JsonTree } from "./json-tree.tsx";
import { ScrollBox } from "./scroll-box.tsx";
import { Segmented } from "./segmented.tsx";
import { tell } from "./toasts.tsx";
import { visibleText } from "./visible-text.ts";

const FORMS = [
  { value: "tree", label: "Tree" },
  { value: "text", label: "Text" },
] as const;

interface ValueViewProps {
  readonly value: ShownValue;
  readonly label: string;
  /** The job, and which of its texts this is: for the whole of what is cut. */
  readonly id: string;
  readonly part: "arguments" | "result";
}

/** Arguments or a result: as a tree, as it is stored, and whole when people ask for all of it. */
export function ValueView({ value, label, id, part }: ValueViewProps): ReactElement {
  const [form, setForm] = useState<"tree" | "text">(value.unreadable ? "text" : "tree");
  const [whole, setWhole] = useState<string>();
  const text = whole ?? value.text;
  const loadAll = async () => {
    try {
      const route = part === "arguments" ? "GET jobs/:id/arguments" : "GET jobs/:id/result";
      setWhole((await call(route, { params: { id } })).text);
      setForm("text");
    } catch (error) {
      tell({ tone: "bad", text: error instanceof Error ? error.message : "It could not be loaded." });
    }
  };
  return (
    <div>
      <div className="mb-2 flex items-center gap-1">
        <Segmented label={`Form of ${label}`} options={FORMS} value={form} onPick={setForm} />
        {value.redacted && <span className="ml-2 text-xs text-warning">partly redacted</span>}
        <span className="ml-auto">
          <CopyButton text={text} label={`Copy ${label}`} />
        </span>
      </div>
      <ScrollBox label={label} className="max-h-96 p-3">
        {form === "tree" && !value.unreadable ? (
          <JsonTree value={value.value} />
        ) : (
          <pre className="job-text">{visibleText(text)}</pre>
        )}
      </ScrollBox>
      {value.unreadable && (
        <p className="mt-1 text-xs text-warning">It cannot be read by this version: shown as it is stored.</p>
      )}
      {value.cut && whole === undefined && (
        <p className="mt-2 flex items-center gap-2 text-xs text-muted">
          The beginning of {formatCount(value.chars)} characters.
          <Button small onClick={loadAll}>
            Load all
          </Button>
        </p>
      )}
    </div>
  );
}
