import type { ReactElement } from "react";
import type { Attention } from "../../../../src/dashboard/api/index.ts";
import { buttonClass } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ServerLink } from "../../parts/server-link.tsx";
import { Since } from "../../time/instant.tsx";

const LOOKS = {
  error: { colour: "text-failed", icon: "errors", word: "Error" },
  warning: { colour: "text-warning", icon: "warning", word: "Warning" },
  info: { colour: "text-muted", icon: "info", word: "Note" },
} as const;

/** What needs a person, the worst first. Nothing at all is shown when nothing does. */
export function AttentionList({ items }: { readonly items: readonly Attention[] }): ReactElement | null {
  if (items.length === 0) return null;
  const errors = items.some(({ severity }) => severity === "error");
  return (
    <section aria-labelledby="attention" className={`card overflow-hidden ${errors ? "border-failed" : ""}`}>
      <h2 id="attention" className="border-b border-line px-4 py-2 font-semibold">
        Needs attention <span className="font-normal text-muted">{items.length}</span>
      </h2>
      <ul className="divide-y divide-line">
        {items.map((item) => (
          <Item key={`${item.kind} ${item.subject}`} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Item({ item: { severity, text, since, link } }: { readonly item: Attention }): ReactElement {
  const { colour, icon, word } = LOOKS[severity];
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
      <Icon name={icon} className={colour} />
      <span className="sr-only">{word}:</span>
      <span className="min-w-56 flex-1">{text}</span>
      {since !== null && (
        <span className="text-xs text-muted">
          for <Since at={since} />
        </span>
      )}
      <ServerLink to={link} className={buttonClass("plain", true)}>
        Look <Icon name="chevron" size={12} />
        <span className="sr-only">: {text}</span>
      </ServerLink>
    </li>
  );
}
