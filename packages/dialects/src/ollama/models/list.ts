import { bareDigest, formatDetails, type ModelDetails, type ShownModel, taggedName } from "./details.ts";

export interface ListedModel {
  readonly name: string;
  readonly model: string;
  readonly modified_at: string;
  readonly size: number;
  readonly digest: string;
  readonly details: ModelDetails;
}

/** GET /api/tags: each model, then the same with each of its adapters. */
export function formatTags(models: readonly ShownModel[]): { readonly models: readonly ListedModel[] } {
  return {
    models: models.flatMap((model) => {
      const own = taggedName(model.name);
      const entry = (name: string, parent?: string): ListedModel => ({
        name,
        model: name,
        modified_at: model.modifiedAt,
        size: model.sizeBytes,
        digest: bareDigest(model.digest),
        details: formatDetails(model, parent),
      });
      return [entry(own), ...model.adapters.map((adapter) => entry(`${own}+${adapter}`, own))];
    }),
  };
}

/** A model in memory, and when it leaves: milliseconds since the epoch, or null where nothing says so. */
export interface LoadedModel {
  readonly shown: ShownModel;
  readonly expiresAt: number | null;
}

export interface RunningModel extends Omit<ListedModel, "modified_at"> {
  readonly expires_at: string;
  readonly size_vram: number;
  readonly context_length: number;
}

/** What Ollama says of a model that stays for good, near enough: clients want a date. */
const FAR_OFF = "2318-01-01T00:00:00.000Z";

/** GET /api/ps */
export function formatRunning(models: readonly LoadedModel[]): { readonly models: readonly RunningModel[] } {
  return {
    models: models.map(({ expiresAt, shown }) => ({
      name: taggedName(shown.name),
      model: taggedName(shown.name),
      size: shown.sizeBytes,
      digest: bareDigest(shown.digest),
      details: formatDetails(shown),
      expires_at: expiresAt === null ? FAR_OFF : new Date(expiresAt).toISOString(),
      size_vram: 0,
      context_length: shown.description?.contextLength ?? 0,
    })),
  };
}
