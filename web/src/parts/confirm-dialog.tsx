import { type ReactElement, type ReactNode, useId, useState } from "react";
import { Button } from "./button.tsx";
import { DialogFrame } from "./dialog-frame.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly danger?: boolean;
  /** What has to be typed first, for what cannot be taken back and is large. */
  readonly typed?: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  const { title, children, action, danger = false, typed, busy = false, onConfirm, onClose } = props;
  const [text, setText] = useState("");
  const field = useId();
  return (
    <DialogFrame title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <div className="flex flex-col gap-2">{children}</div>
        {typed !== undefined && (
          <label htmlFor={field} className="flex flex-col gap-1">
            <span>
              Type <code className="rounded bg-sunken px-1 font-mono">{typed}</code> to go on
            </span>
            <input
              id={field}
              className="field"
              value={text}
              autoComplete="off"
              onChange={(event) => setText(event.target.value)}
            />
          </label>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            look={danger ? "danger" : "strong"}
            disabled={busy || (typed !== undefined && text !== typed)}
          >
            {action}
          </Button>
        </div>
      </form>
    </DialogFrame>
  );
}
