import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import { startFeed, togglePause } from "../api/live-feed.ts";
import { META_QUERY } from "../api/use-meta.ts";
import { ANNOUNCER } from "../parts/announce.ts";
import { Banner, Failure } from "../parts/notice.tsx";
import { Skeleton } from "../parts/pending.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { chooseTheme, nextTheme } from "../theme/theme.ts";
import { setStorageNow } from "../time/clock.ts";
import { Foot } from "./foot.tsx";
import { PLACES } from "./places.ts";
import { BottomBar, Rail } from "./rail.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { TopBar } from "./top-bar.tsx";

const CommandPalette = lazy(() => import("./command-palette.tsx"));
const ShortcutList = lazy(() => import("./shortcut-list.tsx"));

type Layer = "none" | "palette" | "shortcuts";

/** What is around every page. Who may see nothing is told so here, once. */
export function Shell(): ReactElement {
  const { data: meta, error, refetch } = useQuery(META_QUERY);
  const [layer, setLayer] = useState<Layer>("none");
  usePageShortcuts(setLayer);
  usePaletteKey(() => setLayer("palette"));
  useEffect(() => {
    if (meta === undefined) return;
    setStorageNow(meta.now);
    startFeed(meta.live);
  }, [meta]);
  if (meta === undefined) {
    return (
      <main className="mx-auto max-w-2xl p-6">
        {error ? <Failure error={error} retry={() => void refetch()} /> : <Skeleton />}
      </main>
    );
  }
  const close = () => setLayer("none");
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it is the way to a place of this page, which the browser would look for elsewhere */}
      <a
        href="#content"
        // The base of all links is another address than this page's: the browser would go there.
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("content")?.focus();
        }}
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-surface focus:p-2"
      >
        Skip to the page
      </a>
      <div className="flex min-h-dvh">
        <Rail meta={meta} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar meta={meta} onSearch={() => setLayer("palette")} />
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto w-full max-w-[100rem] flex-1 px-3 pt-5 pb-24 outline-none md:px-6 md:pb-6"
          >
            {!meta.storage.persistent && (
              <div className="mb-4">
                <Banner>
                  Jobs are kept in the memory of one process: they are gone when it ends. Another storage
                  keeps them.
                </Banner>
              </div>
            )}
            <Outlet />
            <Foot meta={meta} />
          </main>
        </div>
      </div>
      <BottomBar />
      <Toasts />
      <p id={ANNOUNCER} aria-live="polite" className="sr-only" />
      <Suspense>
        {layer === "palette" && <CommandPalette onClose={close} onShortcuts={() => setLayer("shortcuts")} />}
        {layer === "shortcuts" && <ShortcutList onClose={close} />}
      </Suspense>
    </>
  );
}

function usePageShortcuts(setLayer: (layer: Layer) => void): void {
  const navigate = useNavigate();
  useShortcuts([
    ...PLACES.map(({ to, key, label }) => ({
      ...{ keys: `g ${key}`, label, group: "Go to" as const },
      run: () => void navigate({ to }),
    })),
    { keys: "?", label: "This list", group: "Page", run: () => setLayer("shortcuts") },
    { keys: "p", label: "Pause live updates, or go on", group: "Page", run: togglePause },
    { keys: "t", label: "Light, dark, or as the system", group: "Page", run: () => chooseTheme(nextTheme()) },
    { keys: "/", label: "Filter or search", group: "Page", run: focusFilter },
  ]);
}

/** The first field for it on the page; the palette searches where there is none. */
function focusFilter(): void {
  const field = document.querySelector<HTMLElement>("[data-filter]");
  field?.focus();
}

function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  });
}
