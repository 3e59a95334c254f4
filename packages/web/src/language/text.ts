import type { en } from "./en/index.ts";

/** English says which texts there are and what each is made from; the words are free. */
type Said<T> = T extends (...given: infer Given) => string
  ? (...given: Given) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Said<T[Key]> };

export type Text = Said<typeof en>;
export type LanguageName = "en" | "es";
