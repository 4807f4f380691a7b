import { type ReactElement, useState } from "react";
import { announce } from "./announce.ts";
import { Button, IconButton } from "./button.tsx";
import { tell } from "./toasts.tsx";

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** Shown beside the icon; left out: the icon alone. */
  readonly words?: string;
}

export function CopyButton({ text, label, words }: CopyButtonProps): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce("Copied");
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      tell({
        tone: "bad",
        text: "This browser does not let the page copy: mark the text, and copy it by hand.",
      });
    }
  };
  const icon = copied ? "check" : "copy";
  if (words === undefined) return <IconButton icon={icon} label={copied ? "Copied" : label} onClick={copy} />;
  return (
    <Button small look="quiet" icon={icon} title={label} onClick={copy}>
      {words}
    </Button>
  );
}
