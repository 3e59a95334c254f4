import { type Clock, systemClock } from "@arriero/fleet";
import type { Logger } from "pino";
import type { Tracing } from "./tracing.ts";
import type { TracingOptions } from "./tracing-options.ts";

interface TracingSources {
  readonly tracing?: TracingOptions | undefined;
  readonly version: string;
  readonly clock?: Clock;
  readonly log: Logger;
}

/** null: nobody wants traces, and nothing of them is loaded. */
export async function openTracing({ clock = systemClock, log, tracing, version }: TracingSources): Promise<Tracing | null> {
  if (tracing === undefined) return null;
  const { Tracing } = await import("./tracing.ts");
  return new Tracing(tracing, version, clock, (message) =>
    log.warn({ message }, "traces are lost: the collector does not take them"),
  );
}
