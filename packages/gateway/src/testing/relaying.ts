import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import type { EventSink, Upstream } from "../upstream/upstream.ts";

/** What `relay` gives, asked for one by one as of `generate`, with a reader who makes it wait: one contract holds for both. */
export function relaying(upstream: Upstream): Upstream {
  return {
    id: upstream.id,
    capabilities: upstream.capabilities,
    embed: (request, signal) => upstream.embed(request, signal),
    async *generate(request, signal) {
      const leaving = new AbortController();
      const given: GenerationEvent[] = [];
      let wake = (): void => undefined;
      let taken = (): void => undefined;
      let end: { readonly thrown: unknown } | "whole" | null = null;
      const take: EventSink = (events) => {
        given.push(...events);
        wake();
        return new Promise((resolve) => {
          taken = resolve;
        });
      };
      const done = upstream.relay!(request, AbortSignal.any([signal, leaving.signal]), take, 0);
      done
        .then(
          () => {
            end = "whole";
          },
          (thrown: unknown) => {
            end = { thrown };
          },
        )
        .finally(() => wake());
      try {
        for (;;) {
          for (let event = given.shift(); event !== undefined; event = given.shift()) yield event;
          taken();
          const ended = end as { readonly thrown: unknown } | "whole" | null;
          if (ended === "whole") return;
          if (ended !== null) throw ended.thrown;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        leaving.abort(new ArrieroError("cancelled", "The reader left."));
      }
    },
  };
}
