import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Meta } from "../../../src/dashboard/api/index.ts";
import { useFeed } from "../api/live-feed.ts";
import { formatShort } from "../parts/count.ts";
import { DropMenu } from "../parts/drop-menu.tsx";
import { Icon } from "../parts/icon.tsx";
import { PLACES, type Place } from "./places.ts";

/** The way to every page: a rail at the side, and on a phone a bar at the bottom. */
export function Rail({ meta }: { readonly meta: Meta }): ReactElement {
  return (
    <nav
      aria-label="Pages"
      className="sticky top-0 hidden h-dvh w-52 shrink-0 flex-col border-r border-line bg-sunken px-3 py-3 md:flex"
    >
      <Brand meta={meta} />
      <div className="mt-4 flex flex-col gap-0.5">
        {PLACES.map((place) => (
          <RailLink key={place.to} place={place} />
        ))}
      </div>
    </nav>
  );
}

export function Brand({ meta: { title, environment } }: { readonly meta: Meta }): ReactElement {
  const production = environment === "production";
  return (
    <Link to="/" className="flex min-w-0 items-center gap-2 rounded-md px-1">
      <img src="./mark.svg" alt="" width="24" height="24" />
      <span className="truncate font-semibold tracking-tight">{title}</span>
      {environment !== null && (
        <span
          className={`truncate rounded border px-1.5 text-2xs font-medium ${production ? "border-failed text-failed" : "border-line-strong text-muted"}`}
        >
          {environment}
        </span>
      )}
    </Link>
  );
}

function RailLink({ place: { to, label, icon, count, alarming } }: { readonly place: Place }): ReactElement {
  const { snapshot } = useFeed();
  const number = snapshot === null ? undefined : count?.(snapshot);
  const alarm = snapshot !== null && alarming?.(snapshot) === true;
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === "/", includeSearch: false }}
      className="group flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-ink"
      activeProps={{ className: "bg-surface! text-ink! font-medium shadow-[inset_2px_0_0_var(--accent)]" }}
    >
      <Icon name={icon} className="group-aria-[current=page]:text-accent" />
      <span className="flex-1">{label}</span>
      {number !== undefined && number > 0 && (
        <span className={`text-xs ${alarm ? "font-semibold text-failed" : "text-muted"}`}>
          {formatShort(number)}
        </span>
      )}
    </Link>
  );
}

const FIRST = PLACES.slice(0, 4);

export function BottomBar(): ReactElement {
  const navigate = useNavigate();
  const { snapshot } = useFeed();
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {FIRST.map(({ to, label, icon, alarming }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="flex h-14 flex-col items-center justify-center gap-0.5 text-2xs text-muted"
          activeProps={{ className: "text-accent! font-medium" }}
        >
          <span className="relative">
            <Icon name={icon} size={18} />
            {snapshot !== null && alarming?.(snapshot) === true && (
              <span className="absolute -top-0.5 -right-1 size-2 rounded-full bg-failed">
                <span className="sr-only">Alarm: </span>
              </span>
            )}
          </span>
          {label}
        </Link>
      ))}
      <DropMenu
        trigger={
          <button
            type="button"
            className="flex h-14 flex-col items-center justify-center gap-0.5 text-2xs text-muted"
          >
            <Icon name="more" size={18} />
            More
          </button>
        }
        entries={PLACES.slice(4).map(({ to, label, icon }) => ({
          ...{ label, icon },
          onPick: () => void navigate({ to }),
        }))}
      />
    </nav>
  );
}
