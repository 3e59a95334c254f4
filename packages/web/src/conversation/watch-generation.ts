import type { page } from "@arriero/spec";
import { addressOf } from "../server/ask.ts";

const KINDS = ["snapshot", "begin", "delta", "continued", "end"] as const;

interface Watcher {
  onUpdate: (update: page.GenerationUpdate) => void;
  /** The server refused the stream: there is nothing to wait for. */
  onLost: () => void;
}

/**
 * Watches a generation. The browser connects again by itself and sends `Last-Event-ID`, so a pause of the network or of
 * the server costs nothing that was written. Returns what ends the watching; the generation goes on without it.
 */
export function watchGeneration(id: string, { onUpdate, onLost }: Watcher): () => void {
  const source = new EventSource(addressOf("watchGeneration", { id }, undefined).url);
  for (const kind of KINDS) {
    source.addEventListener(kind, (event: MessageEvent<string>) => {
      const update = JSON.parse(event.data) as page.GenerationUpdate;
      // Closed before anyone hears of it: else the browser would connect again when the server hangs up.
      if (update.type === "end") source.close();
      onUpdate(update);
    });
  }
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) onLost();
  };
  return () => source.close();
}
