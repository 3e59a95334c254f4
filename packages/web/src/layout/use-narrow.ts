import { useSyncExternalStore } from "react";

/** The width below which there is one column; the style sheets say the same. */
const NARROW = "(width < 768px)";

function watch(changed: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Whether the window is a phone's width; for what is drawn rather than laid out. */
export const useNarrow = (): boolean => useSyncExternalStore(watch, () => matchMedia(NARROW).matches);
