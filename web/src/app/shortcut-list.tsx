import type { ReactElement } from "react";
import { DialogFrame } from "../parts/dialog-frame.tsx";
import { type Shortcut, useBoundShortcuts } from "./shortcuts.ts";

const GROUPS: readonly Shortcut["group"][] = ["Go to", "List", "Job", "Page"];

/** The keys that work on this page, by what they are for. */
export default function ShortcutList({ onClose }: { readonly onClose: () => void }): ReactElement {
  const bound = useBoundShortcuts();
  return (
    <DialogFrame title="Keyboard shortcuts" onClose={onClose} wide>
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {GROUPS.map((group) => {
          const shortcuts = bound.filter((shortcut) => shortcut.group === group);
          if (shortcuts.length === 0) return null;
          return (
            <section key={group}>
              <h2 className="label-small mb-1">{group}</h2>
              <dl className="divide-y divide-line">
                {shortcuts.map(({ keys, label }) => (
                  <div key={keys} className="flex items-center justify-between gap-4 py-1.5">
                    <dt>{label}</dt>
                    <dd className="flex gap-1">
                      {caps(keys).map((key) => (
                        <kbd
                          key={key}
                          className="min-w-6 rounded border border-line-strong bg-sunken px-1.5 text-center font-mono text-xs"
                        >
                          {key}
                        </kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </DialogFrame>
  );
}

/** A capital is its letter with Shift: that is what people press. */
function caps(keys: string): string[] {
  return keys.split(" ").flatMap((key) => (/^[A-Z]$/.test(key) ? ["shift", key.toLowerCase()] : [key]));
}
