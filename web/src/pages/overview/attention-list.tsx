import { type ReactElement, useEffect, useRef } from "react";
import type { Attention } from "../../../../src/dashboard/api/index.ts";
import { announce } from "../../parts/announce.ts";
import { Button, buttonClass, IconButton } from "../../parts/button.tsx";
import { plural } from "../../parts/count.ts";
import { Icon } from "../../parts/icon.tsx";
import { ServerLink } from "../../parts/server-link.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Since } from "../../time/instant.tsx";
import { bringBack, dismiss, forgetOver, isDismissed, useDismissed } from "./dismissed.ts";

const LOOKS = {
  error: { colour: "text-failed", icon: "errors", word: "Error" },
  warning: { colour: "text-warning", icon: "warning", word: "Warning" },
  info: { colour: "text-muted", icon: "info", word: "Note" },
} as const;

interface AttentionListProps {
  readonly items: readonly Attention[];
  /** Not all of them are known: what is missing may go on. */
  readonly incomplete: boolean;
}

/** What needs a person, the worst first, but for what this browser wants to see no more of. Nothing at all is shown when nothing does. */
export function AttentionList({ items, incomplete }: AttentionListProps): ReactElement | null {
  const held = useDismissed();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!incomplete) forgetOver(items);
  }, [items, incomplete]);
  if (items.length === 0) return null;
  const shown = items.filter((item) => !isDismissed(held, item));
  const away = items.length - shown.length;
  const errors = shown.some(({ severity }) => severity === "error");
  const take = (item: Attention) => {
    dismiss(item);
    announce("Dismissed here. It comes back when it happens anew.");
    // The button that had the focus is gone with its line.
    box.current?.focus();
  };
  return (
    <section
      ref={box}
      tabIndex={-1}
      aria-labelledby="attention"
      className={`card overflow-hidden outline-none ${errors ? "border-failed" : ""}`}
    >
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 px-4 py-1">
        <h2 id="attention" className="font-semibold">
          Needs attention <span className="font-normal text-muted">{shown.length}</span>
        </h2>
        {away > 0 && (
          <span className="ml-auto flex items-center gap-2 text-xs text-muted">
            {plural(away, "line")} dismissed in this browser
            <Button small look="quiet" icon="eye" onClick={bringBack}>
              Show again
            </Button>
          </span>
        )}
      </div>
      {shown.length > 0 && (
        <ul className="divide-y divide-line border-t border-line">
          {shown.map((item) => (
            <Item key={`${item.kind} ${item.subject}`} item={item} onDismiss={() => take(item)} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ItemProps {
  readonly item: Attention;
  readonly onDismiss: () => void;
}

function Item({ item, onDismiss }: ItemProps): ReactElement {
  const { severity, since, link } = item;
  const { colour, icon, word } = LOOKS[severity];
  const text = visibleText(item.text);
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 py-1.5 pr-2 pl-4">
      <Icon name={icon} className={colour} />
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
        <span>
          <span className="sr-only">{word}: </span>
          {text}
        </span>
        {since !== null && (
          <span className="text-xs text-muted">
            for <Since at={since} />
          </span>
        )}
      </span>
      <span className="flex items-center">
        <ServerLink to={link} className={buttonClass("plain", true)}>
          Look <Icon name="chevron" size={12} />
          <span className="sr-only">: {text}</span>
        </ServerLink>
        <IconButton icon="close" label={`Dismiss in this browser: ${text}`} onClick={onDismiss} />
      </span>
    </li>
  );
}
