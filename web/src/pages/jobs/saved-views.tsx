import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { useAction } from "../../api/use-action.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { useCan } from "../../api/use-meta.ts";
import { writeSearch } from "../../app/search-params.ts";
import { Button } from "../../parts/button.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { DropMenu } from "../../parts/drop-menu.tsx";
import { hasFilter, type JobSearch } from "./job-search.ts";

/** Searches that are kept under a name, for all who look. */
export function SavedViews({ search }: { readonly search: JobSearch }): ReactElement | null {
  const views = useLiveQuery("GET views").data?.rows ?? [];
  const maySave = useCan("save-view");
  const navigate = useNavigate();
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const { run, busy } = useAction("POST views", {
    done: "Saved for everybody.",
    after: () => {
      setNaming(false);
      setName("");
    },
  });
  const removal = useAction("POST views/:id/remove", { done: "The view is gone." });
  const { open: _, ...list } = search;
  const link = `jobs${writeSearch(list)}`;
  const here = views.find((view) => view.link === link);
  const canSave = maySave && hasFilter(search) && here === undefined;
  if (views.length === 0 && !canSave) return null;
  return (
    <>
      <DropMenu
        trigger={<Button icon="save">{here?.name ?? "Views"}</Button>}
        entries={[
          ...views.map((view) => ({
            ...{ label: view.name, checked: view === here },
            onPick: () => {
              const query = new URLSearchParams(view.link.split("?", 2)[1]);
              void navigate({ to: "/jobs", search: Object.fromEntries(query) });
            },
          })),
          ...(canSave
            ? [{ label: "Save this search…", icon: "save" as const, onPick: () => setNaming(true) }]
            : []),
          ...(here && maySave
            ? [
                {
                  label: `Remove “${here.name}”`,
                  danger: true,
                  onPick: () => removal.run({ params: { id: here.id } }),
                },
              ]
            : []),
        ]}
      />
      {naming && (
        <ConfirmDialog
          title="Save this search"
          action="Save"
          busy={busy || name.trim() === ""}
          onConfirm={() => run({ body: { name: name.trim(), link } })}
          onClose={() => setNaming(false)}
        >
          <label className="flex flex-col gap-1">
            Name
            <input
              className="field"
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
        </ConfirmDialog>
      )}
    </>
  );
}
