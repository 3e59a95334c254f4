import type { xinference } from "@arriero/dialects";
import { ArrieroError, type ModelDescription } from "@arriero/spec";
import type { KnownModel, ModelCatalogue } from "./known-models.ts";

/** Names given at launch, at most. */
const MOST_UIDS = 256;

/** A name that a caller gave to a stored model, and what it is to serve as. */
export interface LaunchedModel {
  readonly uid: string;
  /** Canonical name of the stored model. */
  readonly model: string;
  readonly type: xinference.XinferenceModelType;
}

/**
 * The catalogue under the names of Xinference's callers too: a uid given at launch stands for the stored model on every
 * route. Uids live as long as this process; `list` has the stored models alone.
 */
export class LaunchedModels implements ModelCatalogue {
  readonly #stored: ModelCatalogue;
  readonly #uids = new Map<string, LaunchedModel>();

  constructor(stored: ModelCatalogue) {
    this.#stored = stored;
  }

  get defaultModel(): string | undefined {
    return this.#stored.defaultModel;
  }

  list(): Promise<readonly KnownModel[]> {
    return this.#stored.list();
  }

  async resolve(name: string): Promise<KnownModel> {
    const launched = this.#uids.get(name);
    if (launched === undefined) return this.#stored.resolve(name);
    // A model that came into the store since has its name back.
    return (await this.#find(name)) ?? this.#stored.resolve(launched.model);
  }

  async describe(name: string): Promise<ModelDescription> {
    return this.#stored.describe(this.#uids.has(name) ? (await this.resolve(name)).name : name);
  }

  launched(): readonly LaunchedModel[] {
    return [...this.#uids.values()];
  }

  /**
   * Gives a model a further name; whether it is new. Throws conflict when the name stands for something else, in any
   * spelling that the store takes, or when there are too many.
   */
  async name(launched: LaunchedModel): Promise<boolean> {
    if ((await this.#find(launched.uid)) !== null) {
      throw new ArrieroError("conflict", `model_uid ${launched.uid} is the name of a stored model.`, { param: "model_uid" });
    }
    if ((await this.list()).some(({ adapters }) => Object.hasOwn(adapters, launched.uid))) {
      throw new ArrieroError("conflict", `model_uid ${launched.uid} is the name of an adapter.`, { param: "model_uid" });
    }
    const present = this.#uids.get(launched.uid);
    if (present !== undefined && (present.model !== launched.model || present.type !== launched.type)) {
      const message = `model_uid ${launched.uid} stands for ${present.model} as ${present.type} already.`;
      throw new ArrieroError("conflict", message, { param: "model_uid" });
    }
    if (present === undefined && this.#uids.size >= MOST_UIDS) {
      throw new ArrieroError("conflict", `${MOST_UIDS} uids are in use, which is the limit.`, { param: "model_uid" });
    }
    this.#uids.set(launched.uid, launched);
    return present === undefined;
  }

  /** Takes a uid back: what it stood for; null: it was none. */
  forget(uid: string): LaunchedModel | null {
    const launched = this.#uids.get(uid) ?? null;
    this.#uids.delete(uid);
    return launched;
  }

  /** The stored model of this name; null where there is none. */
  async #find(name: string): Promise<KnownModel | null> {
    try {
      return await this.#stored.resolve(name);
    } catch (thrown) {
      if (thrown instanceof ArrieroError && thrown.code === "model_not_found") return null;
      throw thrown;
    }
  }
}
