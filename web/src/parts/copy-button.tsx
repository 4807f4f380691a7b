import { type ReactElement, useState } from "react";
import { IconButton } from "./button.tsx";
import { tell } from "./toasts.tsx";

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      tell({
        tone: "bad",
        text: "This browser does not let the page copy: mark the text, and copy it by hand.",
      });
    }
  };
  return <IconButton icon={copied ? "check" : "copy"} label={copied ? "Copied" : label} onClick={copy} />;
}
