import type { page } from "@arriero/spec";
import { addressOf } from "../server/ask.ts";
import { watchEvents } from "../server/watch-events.ts";

const KINDS = ["snapshot", "begin", "delta", "continued", "end"] as const;

interface Watcher {
  onUpdate: (update: page.GenerationUpdate) => void;
  /** The answer may have ended, or whoever reads may not any more. */
  onRefused: () => void;
}

/** Watches a generation, whatever becomes of the connection. Returns what ends the watching; the generation goes on. */
export function watchGeneration(id: string, { onUpdate, onRefused }: Watcher): () => void {
  const hear = (data: string) => {
    const update = JSON.parse(data) as page.GenerationUpdate;
    onUpdate(update);
    return update.type;
  };
  const on = Object.fromEntries(KINDS.map((kind) => [kind, hear]));
  return watchEvents(addressOf("watchGeneration", { id }, undefined).url, { on, onRefused });
}
