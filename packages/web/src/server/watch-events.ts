/** Between two tries at a server that refuses: it may just have started, with its store still to open. */
const AGAIN_MS = 1_000;

interface EventsWatcher {
  /** By kind. `"end"`: that was the last one. */
  on: Readonly<Record<string, (data: string) => unknown>>;
  /** The server refused the stream; it is tried again. */
  onRefused?: () => void;
}

/**
 * Server-sent events until `"end"`. While no server answers the browser connects again by itself and sends `Last-Event-ID`,
 * so a pause of the network costs nothing. A stream that was refused the browser gives up: then a new one begins, without
 * that id. Returns what ends the watching.
 */
export function watchEvents(url: string, { on, onRefused }: EventsWatcher): () => void {
  let source: EventSource;
  let trying: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    source = new EventSource(url);
    for (const [kind, hear] of Object.entries(on)) {
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        // Else the browser would connect again when the server hangs up.
        if (hear(event.data) === "end") source.close();
      });
    }
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      trying = setTimeout(connect, AGAIN_MS);
      onRefused?.();
    };
  };
  connect();
  return () => {
    clearTimeout(trying);
    source.close();
  };
}
