import { z } from "zod";

/** Ids are ours: letters, digits, `_` and `-`. */
export const Id = z.string().regex(/^[\w-]{1,64}$/, "an id is 1 to 64 letters, digits, `_` and `-`");

/** Milliseconds since the epoch. */
export const Instant = z.int().min(0);

/** A place in a list, as the page before it said; never to be taken apart. */
export const Cursor = z.string().regex(/^[\w.-]{1,200}$/, "a cursor is what an earlier answer gave as `next`");

/** Entries of one page of a list. */
export const PAGE_MOST = 200;

export const PageQuery = z.object({
  cursor: Cursor.optional(),
  /** Text in a query string. */
  limit: z.coerce.number().pipe(z.int().min(1).max(PAGE_MOST)).default(50),
});

/** `next` null: this was the last page. */
export const pageOf = <T extends z.ZodType>(entry: T) => z.object({ entries: z.array(entry), next: Cursor.nullable() });

/** A name that a person gives to something: one line. */
export const Title = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), "a name is one line without control characters");

/** `true` and `false` of a query string. */
export const Flag = z.enum(["true", "false"]).transform((text) => text === "true");
