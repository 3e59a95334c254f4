import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { type Shortcut, shortcutOf } from "./shortcuts.ts";

const Palette = lazy(() => import("./palette.tsx"));

/** Listens for shortcuts, and shows the commands when they are asked for. */
export function Commands({ onToggleColumn }: { onToggleColumn: () => void }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const on: Record<Shortcut, () => void> = {
      commands: () => setOpen(true),
      shortcuts: () => setOpen(true),
      new: () => void navigate({ to: "/" }),
      search: () => void navigate({ to: "/search", search: { q: "" } }),
      column: onToggleColumn,
    };
    const listen = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (!shortcut) return;
      event.preventDefault();
      on[shortcut]();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [navigate, onToggleColumn]);
  return (
    <Suspense fallback={null}>{open && <Palette onClose={() => setOpen(false)} onToggleColumn={onToggleColumn} />}</Suspense>
  );
}
