import type { EmbeddingRequest, EmbeddingResult, GenerationEvent, GenerationRequest } from "@arriero/spec";
import { CONTEXT, scripted, settled } from "../../testing/scripted-events.ts";
import { type ScriptedServer, startScriptedServer } from "../../testing/scripted-http.ts";
import * as openai from "../index.ts";

/** What stands in for the engine. May throw an ArrieroError. */
export interface ScriptedEngine {
  generate(request: GenerationRequest): readonly GenerationEvent[];
  embed(request: EmbeddingRequest): EmbeddingResult;
}

export function startScriptedOpenAI(engine: ScriptedEngine): Promise<ScriptedServer> {
  return startScriptedServer({
    headers: {},
    formatError: openai.formatError,
    answer: async (path, body) => {
      switch (path) {
        case "/v1/chat/completions": {
          const { request, presentation } = openai.parseChat(body, CONTEXT);
          const events = scripted(engine.generate(settled(request)));
          return presentation.stream ? openai.streamChat(events, presentation) : openai.collectChat(events, presentation);
        }
        case "/v1/completions": {
          const { requests, presentation } = openai.parseCompletion(body, CONTEXT);
          const streams = requests.map((each) => scripted(engine.generate(settled(each))));
          return presentation.stream
            ? openai.streamCompletion(streams, presentation)
            : openai.collectCompletion(streams, presentation);
        }
        case "/v1/responses": {
          const { request, presentation } = openai.parseResponse(body, CONTEXT);
          const events = scripted(engine.generate(settled(request)));
          return presentation.stream ? openai.streamResponse(events, presentation) : openai.collectResponse(events, presentation);
        }
        case "/v1/embeddings": {
          const { request, presentation } = openai.parseEmbeddings(body, CONTEXT);
          return openai.formatEmbeddings(engine.embed(request), presentation);
        }
        default:
          return null;
      }
    },
  });
}
