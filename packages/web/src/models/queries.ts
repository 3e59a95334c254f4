import { queryOptions, useQuery } from "@tanstack/react-query";
import { type AnswerOf, ask } from "../server/ask.ts";

export type PageModel = AnswerOf<"listModels">["entries"][number];

export const MODELS = ["models"] as const;

export const modelsQuery = queryOptions({
  queryKey: MODELS,
  queryFn: ({ signal }) => ask("listModels", { signal }),
  staleTime: 30_000,
});

const NONE: PageModel[] = [];

export const useModels = (): PageModel[] => useQuery(modelsQuery).data?.entries ?? NONE;

/** The model that `wanted` names, else the default, else the first that may be used. */
export function modelFor(models: readonly PageModel[], wanted: string | null): PageModel | undefined {
  return (
    models.find((model) => model.name === wanted) ??
    models.find((model) => model.isDefault) ??
    models.find((model) => model.allowed) ??
    models[0]
  );
}
