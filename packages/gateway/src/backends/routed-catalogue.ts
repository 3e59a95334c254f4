import type { Capability, ModelAbility, ModelDescription, RoutedModel } from "@arriero/spec";
import type { KnownModel, ModelCatalogue } from "../models/known-models.ts";
import type { RoutedModels } from "./routed-models.ts";

const ABILITIES: Readonly<Partial<Record<Capability, ModelAbility>>> = {
  chat: "chat",
  completions: "completion",
  embeddings: "embedding",
  rerank: "rerank",
  tools: "tools",
  images: "images",
};

/**
 * The models of the configuration beside those of the store; a configured name hides a stored one. A model with replicas
 * of this server keeps what its file and publisher say, under its own name.
 */
export class RoutedCatalogue implements ModelCatalogue {
  readonly #stored: ModelCatalogue;
  readonly #routed: RoutedModels;
  /** ISO 8601: as old as this configuration. */
  readonly #since: string;

  constructor(stored: ModelCatalogue, routed: RoutedModels, now: number) {
    this.#stored = stored;
    this.#routed = routed;
    this.#since = new Date(now).toISOString();
  }

  get defaultModel(): string | undefined {
    return this.#stored.defaultModel;
  }

  async list(): Promise<readonly KnownModel[]> {
    const routed = await Promise.all(this.#routed.all().map((model) => this.#known(model)));
    const names = new Set(routed.map(({ name }) => name));
    return [...routed, ...(await this.#stored.list()).filter(({ name }) => !names.has(name))];
  }

  async resolve(name: string): Promise<KnownModel> {
    const set = this.#routed.find(name);
    return set === null ? this.#stored.resolve(name) : this.#known(set.model);
  }

  async describe(name: string): Promise<ModelDescription> {
    const set = this.#routed.find(name);
    if (set === null) return this.#stored.describe(name);
    const own = storedName(set.model);
    if (own !== null) return { ...(await this.#stored.describe(own)), name: set.model.name };
    return describeForeign(set.model);
  }

  async #known(model: RoutedModel): Promise<KnownModel> {
    const own = storedName(model);
    if (own !== null) return { ...(await this.#stored.resolve(own)), name: model.name };
    return { name: model.name, adapters: {}, modifiedAt: this.#since, system: null, parameters: {}, messages: [] };
  }
}

/** The stored model that replicas of this server run for it; null: it has none. */
export function storedName({ backends }: RoutedModel): string | null {
  return backends.find(({ kind, url }) => kind === "engine" && url === null)?.model ?? null;
}

/** A file that is elsewhere: only what the configuration claims is known. */
function describeForeign({ backends, name }: RoutedModel): ModelDescription {
  const capabilities = new Set(backends.flatMap((backend) => backend.capabilities));
  return {
    name,
    architecture: "unknown",
    parameters: 0,
    quantization: "unknown",
    sizeBytes: 0,
    contextLength: 0,
    embeddingLength: 0,
    layers: 0,
    vocabularySize: 0,
    abilities: [...capabilities].flatMap((capability) => ABILITIES[capability] ?? []),
    adapters: [],
    license: null,
  };
}
