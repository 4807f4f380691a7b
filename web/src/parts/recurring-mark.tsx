import type { ReactElement } from "react";
import type { RecurringRow } from "../../../src/dashboard/api/index.ts";
import { Icon, type IconName } from "./icon.tsx";

const LOOKS: Readonly<Record<RecurringRow["state"], { colour: string; icon: IconName; word: string }>> = {
  active: { colour: "text-succeeded", icon: "recurring", word: "Active" },
  paused: { colour: "text-warning", icon: "pause", word: "Paused" },
  disabled: { colour: "text-failed", icon: "errors", word: "Disabled" },
  unreadable: { colour: "text-failed", icon: "errors", word: "Unreadable" },
};

export function RecurringMark({ state }: { readonly state: RecurringRow["state"] }): ReactElement {
  const { colour, icon, word } = LOOKS[state];
  return (
    <span className={`inline-flex items-baseline gap-1.5 ${colour}`}>
      <Icon name={icon} size={14} className="self-center" />
      {word}
    </span>
  );
}
