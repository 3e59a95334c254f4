import { ArrieroError } from "@arriero/spec";

/** A place in a list that is ordered by a time and then by id, both falling. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

export interface Page<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
}

export interface PageAsked {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Before everything. */
const START: Place = { at: Number.MAX_SAFE_INTEGER, id: "~" };

/** Throws invalid_request for what no answer ever gave. */
export function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return START;
  const [, at, id] = /^(\d{1,16})\.([\w-]{1,80})$/.exec(cursor) ?? [];
  if (at !== undefined && id !== undefined) return { at: Number(at), id };
  throw new ArrieroError(
    "invalid_request",
    `cursor must be what an earlier answer gave as next, but was ${cursor.slice(0, 80)}.`,
    {
      param: "cursor",
    },
  );
}

/** A page of `rows`, of which one more than `limit` was asked for. */
export function toPage<R, T>(rows: readonly R[], limit: number, place: (row: R) => Place, entry: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const { at, id } = last === undefined || rows.length <= limit ? { at: 0, id: "" } : place(last);
  return { entries: shown.map(entry), next: id === "" ? null : `${at}.${id}` };
}
