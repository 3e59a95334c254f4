import type { ModelDescription } from "@arriero/spec";
import type { KnownModel, ModelCatalogue } from "./known-models.ts";

/** Descriptions remembered; each is a few hundred bytes, and reading one again costs a walk through a file's header. */
const MOST_REMEMBERED = 1024;

/** What models are, read once for each version of each. */
export class ModelDescriptions {
  readonly #models: ModelCatalogue;
  readonly #known = new Map<string, { readonly modifiedAt: string; readonly description: ModelDescription }>();

  constructor(models: ModelCatalogue) {
    this.#models = models;
  }

  /** Throws what the catalogue throws for a model that is gone or cannot be read. */
  async of({ modifiedAt, name }: KnownModel): Promise<ModelDescription> {
    const known = this.#known.get(name);
    if (known?.modifiedAt === modifiedAt) return known.description;
    const description = await this.#models.describe(name);
    this.#known.delete(name);
    this.#known.set(name, { modifiedAt, description });
    const oldest = this.#known.keys().next();
    if (this.#known.size > MOST_REMEMBERED && !oldest.done) this.#known.delete(oldest.value);
    return description;
  }
}
