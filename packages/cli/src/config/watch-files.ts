import { unwatchFile, watchFile } from "node:fs";

/**
 * Between two looks at a file. Looking, rather than being told: it holds for files that are replaced by renaming, mounted
 * by a network or a pod's symbolic links, or not there yet.
 */
const LOOK_MS = 1_000;
/** A change is told when none followed for this long: editors write in several steps. */
const SETTLE_MS = 250;

/** Tells of changes of any of the files, coming and going included. Keeps no process alive. Returns what ends it. */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLE_MS).unref();
  };
  for (const path of paths) watchFile(path, { interval: LOOK_MS, persistent: false }, changed);
  return () => {
    clearTimeout(settling);
    for (const path of paths) unwatchFile(path, changed);
  };
}
