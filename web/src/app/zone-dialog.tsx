import { type ReactElement, useState } from "react";
import { DialogFrame } from "../parts/dialog-frame.tsx";
import { useNow } from "../time/clock.ts";
import { fullTime } from "../time/format-time.ts";
import { allZones, chooseZone } from "../time/zone.ts";

const MOST = 60;

export default function ZoneDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [search, setSearch] = useState("");
  const now = useNow();
  const wanted = search.toLowerCase().replaceAll(" ", "_");
  const found = allZones().filter((name) => name.toLowerCase().includes(wanted));
  return (
    <DialogFrame title="Show times in" onClose={onClose}>
      <input
        className="field w-full"
        aria-label="Search zones"
        placeholder="Search: Paris, Tokyo, UTC"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <ul className="mt-3">
        {found.slice(0, MOST).map((name) => (
          <li key={name}>
            <button
              type="button"
              className="flex w-full justify-between gap-4 rounded-md px-2 py-1.5 text-left hover:bg-hover"
              onClick={() => {
                chooseZone(name);
                onClose();
              }}
            >
              <span>{name.replaceAll("_", " ")}</span>
              <span className="text-xs text-muted">{fullTime(now, name).replace(/\.\d+/, "")}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > MOST && (
        <p className="mt-2 text-muted">{found.length - MOST} more: type a part of the name.</p>
      )}
      {found.length === 0 && (
        <p className="text-muted">This browser knows no such zone. Zones are named by continent and city.</p>
      )}
    </DialogFrame>
  );
}
