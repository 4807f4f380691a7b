import { Dialog } from "@base-ui/react/dialog";
import { type ReactElement, type ReactNode, useRef } from "react";
import { IconButton } from "./button.tsx";

interface DialogFrameProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** A dialog that is open for as long as it is there: focus, Escape and the page behind it are Base UI's. */
export function DialogFrame({ title, onClose, children, wide = false }: DialogFrameProps): ReactElement {
  const body = useRef<HTMLDivElement>(null);
  // Where people go on, not where they leave.
  const first = () => body.current?.querySelector<HTMLElement>("input, select, textarea, button") ?? true;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_60/0.45)]" />
        <Dialog.Popup
          initialFocus={first}
          className={`card fixed top-[8vh] left-1/2 z-40 flex max-h-[84vh] w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-col bg-raised shadow-2xl ${wide ? "max-w-3xl" : "max-w-lg"}`}
        >
          <header className="flex items-center justify-between gap-4 border-b border-line py-2.5 pr-2 pl-5">
            <Dialog.Title className="text-base font-semibold">{title}</Dialog.Title>
            <Dialog.Close render={<IconButton icon="close" label="Close" />} />
          </header>
          <div ref={body} className="min-h-0 overflow-y-auto p-5">
            {children}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
