import type { GenerationEvent, GenerationInput, GenerationRequest } from "@arriero/spec";
import { scripted, settled } from "../../testing/scripted-events.ts";
import { type ScriptedServer, startScriptedServer } from "../../testing/scripted-http.ts";
import * as anthropic from "../index.ts";
import { CONTEXT } from "./fixture.ts";

/** What stands in for the engine. May throw an ArrieroError. */
export interface ScriptedEngine {
  generate(request: GenerationRequest): readonly GenerationEvent[];
  count(input: GenerationInput): number;
}

export function startScriptedAnthropic(engine: ScriptedEngine): Promise<ScriptedServer> {
  return startScriptedServer({
    headers: { "request-id": CONTEXT.requestId },
    formatError: (thrown) => anthropic.formatError(thrown, CONTEXT.requestId),
    answer: async (path, body) => {
      switch (path) {
        case "/v1/messages": {
          const { presentation, request } = anthropic.parseMessage(body, CONTEXT);
          const events = scripted(engine.generate(settled(request)));
          return presentation.stream
            ? anthropic.streamMessage(events, presentation)
            : anthropic.collectMessage(events, presentation);
        }
        case "/v1/messages/count_tokens":
          return anthropic.formatTokenCount(engine.count(anthropic.parseTokenCount(body).input));
        default:
          return null;
      }
    },
  });
}
