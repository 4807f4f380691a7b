import type { ReactElement } from "react";
import type { Meta } from "../../../src/dashboard/api/index.ts";
import { Icon } from "../parts/icon.tsx";
import { LiveBadge } from "./live-badge.tsx";
import { Brand } from "./rail.tsx";
import { ThemeMenu } from "./theme-menu.tsx";
import { ZoneMenu } from "./zone-menu.tsx";

const isMac = navigator.userAgent.includes("Mac");

export function TopBar({
  meta,
  onSearch,
}: {
  readonly meta: Meta;
  readonly onSearch: () => void;
}): ReactElement {
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-background/95 backdrop-blur-sm">
      <div className="flex h-12 items-center gap-1 px-3 md:px-6">
        <div className="min-w-0 md:hidden">
          <Brand meta={meta} />
        </div>
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 items-center gap-2 rounded-md border-line-strong px-2 text-muted hover:bg-hover max-md:ml-auto md:w-80 md:border md:bg-surface"
        >
          <Icon name="search" size={14} />
          <span className="flex-1 text-left max-md:sr-only">Search or jump to…</span>
          <span className="hidden rounded border border-line bg-sunken px-1.5 font-mono text-2xs md:inline">
            {isMac ? "⌘K" : "Ctrl K"}
          </span>
        </button>
        <div className="flex items-center md:ml-auto">
          <LiveBadge />
          <ZoneMenu />
          <ThemeMenu />
        </div>
      </div>
    </header>
  );
}
