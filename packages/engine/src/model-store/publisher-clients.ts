import { ArrieroError } from "@arriero/spec";
import type { HubHttp } from "./hub-http.ts";
import { HuggingFaceHub } from "./huggingface-hub.ts";
import { OllamaRegistry } from "./ollama-registry.ts";
import type { Publishers } from "./pull-plan.ts";
import type { ModelReference } from "./reference.ts";
import type { ModelStoreOptions } from "./store-options.ts";

const HUGGING_FACE = "https://huggingface.co";
const OLLAMA_REGISTRY = "https://registry.ollama.ai";

/** Clients of the hub and the registry. @param token sent to the publisher's own host alone; for Hugging Face else HF_TOKEN */
export function publisherClients(
  http: HubHttp,
  { hubs }: Pick<ModelStoreOptions, "hubs">,
  env: Readonly<Record<string, string | undefined>>,
  token: string | undefined,
): Publishers {
  const huggingface = hubs?.huggingface ?? env.HF_ENDPOINT ?? HUGGING_FACE;
  const ollama = hubs?.ollama ?? env.OLLAMA_REGISTRY ?? OLLAMA_REGISTRY;
  return {
    http,
    huggingface: new HuggingFaceHub(http, huggingface, token ?? (env.HF_TOKEN || null)),
    ollama: new OllamaRegistry(http, ollama, token ?? null),
  };
}

/** Throws unsupported for what would read a file of this machine, or ask an address of the caller's choice. */
export function requirePublisher(reference: ModelReference, asked: string): void {
  if (reference.kind === "huggingface" || reference.kind === "ollama") return;
  const what = reference.kind === "file" ? "a file of this machine" : "an address of your choice";
  throw new ArrieroError("unsupported", `${JSON.stringify(asked.slice(0, 200))} names ${what}, which is not read for callers`, {
    hint: "Name a model of Hugging Face or of the Ollama registry, or use `arriero pull` on the machine itself.",
  });
}
