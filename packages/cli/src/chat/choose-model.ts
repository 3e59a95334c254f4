import type { ModelStore } from "@arriero/engine";

const DEFAULT_MODEL = "arriero-demo";

/** The model to talk to when none is named: chosen from a list on a terminal, else the bundled one. null: the user left. */
export async function chooseModel(store: ModelStore, canAsk: boolean): Promise<string | null> {
  const models = await store.list();
  if (!canAsk || models.length < 2) return models[0]?.name ?? DEFAULT_MODEL;
  const { isCancel, select } = await import("@clack/prompts");
  const chosen = await select({
    message: "Which model?",
    options: models.map(({ name }) => ({ value: name, label: name })),
    maxItems: 12,
  });
  return isCancel(chosen) ? null : chosen;
}
