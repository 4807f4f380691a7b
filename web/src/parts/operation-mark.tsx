import type { ReactElement } from "react";
import type { OperationRow } from "../../../src/dashboard/api/index.ts";
import { Icon, type IconName } from "./icon.tsx";

const LOOKS: Readonly<Record<OperationRow["state"], { colour: string; icon: IconName; word: string }>> = {
  running: { colour: "text-processing", icon: "operations", word: "Running" },
  aborting: { colour: "text-warning", icon: "stop", word: "Aborting" },
  done: { colour: "text-succeeded", icon: "check", word: "Done" },
  aborted: { colour: "text-deleted", icon: "stop", word: "Aborted" },
  failed: { colour: "text-failed", icon: "errors", word: "Failed" },
};

export function OperationMark({ state }: { readonly state: OperationRow["state"] }): ReactElement {
  const { colour, icon, word } = LOOKS[state];
  return (
    <span className={`inline-flex items-baseline gap-1.5 font-medium ${colour}`}>
      <Icon name={icon} size={14} className="self-center" />
      {word}
    </span>
  );
}
