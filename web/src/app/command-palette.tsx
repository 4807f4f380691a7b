import { Dialog } from "@base-ui/react/dialog";
import { type KeyboardEvent, type ReactElement, useId, useState } from "react";
import { Icon, type IconName } from "../parts/icon.tsx";
import { type Command, useCommands } from "./use-commands.ts";

/** Jump anywhere and do anything by typing a part of its name; an id, or the beginning of one, finds the job. */
export default function CommandPalette({
  onClose,
  onShortcuts,
}: {
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}): ReactElement {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { commands, searching } = useCommands(text, onShortcuts);
  const list = useId();
  const chosen = Math.min(at, commands.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") run(commands[chosen]);
    if (move === undefined || commands.length === 0) return;
    event.preventDefault();
    const next = (chosen + move + commands.length) % commands.length;
    setAt(next);
    document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_60/0.45)]" />
        <Dialog.Popup
          aria-label="Search or jump to"
          className="card fixed top-[10vh] left-1/2 z-40 w-[calc(100vw-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden bg-raised shadow-2xl"
        >
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Icon name="search" className="text-muted" />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls={list}
              aria-activedescendant={commands.length > 0 ? `${list}-${chosen}` : undefined}
              aria-label="A page, an action, or a job's id"
              placeholder="A page, an action, or a job's id"
              className="h-12 flex-1 bg-transparent text-base outline-none"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div id={list} role="listbox" aria-label="Found" className="max-h-[55vh] overflow-y-auto p-1.5">
            {commands.map((command, index) => (
              <Found
                key={command.id}
                id={`${list}-${index}`}
                command={command}
                chosen={index === chosen}
                onHover={() => setAt(index)}
                onRun={() => run(command)}
              />
            ))}
          </div>
          <p role="status" className="px-4 text-muted not-empty:py-3">
            {searching
              ? "Looking for jobs with this id…"
              : commands.length === 0
                ? "Nothing by this name, and no job with such an id."
                : ""}
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Found({
  id,
  command,
  chosen,
  onHover,
  onRun,
}: {
  readonly id: string;
  readonly command: Command;
  readonly chosen: boolean;
  readonly onHover: () => void;
  readonly onRun: () => void;
}): ReactElement {
  const icon: IconName = command.icon;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as in every combobox
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onClick={onRun}
      onPointerMove={onHover}
      className={`flex items-center gap-3 rounded-md px-3 py-2 ${chosen ? "bg-accent-wash" : ""}`}
    >
      <Icon name={icon} className={chosen ? "text-accent" : "text-muted"} />
      <span className="min-w-0 flex-1 truncate">{command.label}</span>
      <span className="truncate text-xs text-muted">{command.hint}</span>
    </div>
  );
}
