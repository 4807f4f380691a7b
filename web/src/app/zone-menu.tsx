import { lazy, type ReactElement, Suspense, useState } from "react";
import { Button } from "../parts/button.tsx";
import { DropMenu } from "../parts/drop-menu.tsx";
import { chooseZone, LOCAL_ZONE, useZone } from "../time/zone.ts";

const ZoneDialog = lazy(() => import("./zone-dialog.tsx"));

/** In whose time everything is shown. */
export function ZoneMenu(): ReactElement {
  const zone = useZone();
  const [asking, setAsking] = useState(false);
  const near = [...new Set([LOCAL_ZONE, "UTC", zone])];
  return (
    <>
      <DropMenu
        trigger={
          <Button look="quiet" icon="zone" title="Time zone" className="max-sm:px-2">
            <span className="sr-only">Time zone:</span>
            <span className="max-w-32 truncate max-sm:sr-only">{cityOf(zone)}</span>
          </Button>
        }
        entries={[
          ...near.map((name) => ({
            label: name === LOCAL_ZONE ? `${name} (this browser)` : name,
            checked: name === zone,
            onPick: () => void chooseZone(name),
          })),
          { label: "Another zone…", onPick: () => setAsking(true) },
        ]}
      />
      {asking && (
        <Suspense>
          <ZoneDialog onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}

function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}
