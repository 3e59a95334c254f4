import { ArrieroError } from "@arriero/spec";

/** Which part of a list is asked for. */
export interface PageAsked {
  readonly limit: number;
  /** Id of the last entry that the caller has; null: from the beginning. */
  readonly after: string | null;
  readonly order: "asc" | "desc";
}

export interface PageRule {
  readonly usual: number;
  readonly most: number;
}

/** Throws invalid_request. */
export function parsePage(query: URLSearchParams, { most, usual }: PageRule): PageAsked {
  const limit = Number(query.get("limit") ?? usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    const message = `limit must be an integer from 1 to ${most}, but is ${query.get("limit")}.`;
    throw new ArrieroError("invalid_request", message, { param: "limit" });
  }
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") {
    throw new ArrieroError("invalid_request", "order must be asc or desc.", { param: "order" });
  }
  return { limit, after: query.get("after"), order };
}

/** One page. @param newestFirst all entries; an `after` that is not among them is the end of the list */
export function formatPage<T extends { readonly id: string }>(newestFirst: readonly T[], { after, limit, order }: PageAsked) {
  const all = order === "desc" ? newestFirst : newestFirst.toReversed();
  const begin = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = after !== null && begin === 0 ? [] : all.slice(begin, begin + limit);
  return {
    object: "list" as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: data.length > 0 && begin + data.length < all.length,
  };
}
