import type { Fields } from "./fields.ts";

const MAX_NAME = 256;

export interface ModelName {
  readonly model: string;
  readonly adapter: string | null;
}

/** `name+adapter` -> both; the last plus counts, and one at either end belongs to the name (`command-r+`). */
export function splitModelName(name: string): ModelName {
  const plus = name.lastIndexOf("+");
  if (plus <= 0 || plus === name.length - 1) return { model: name, adapter: null };
  return { model: name.slice(0, plus), adapter: name.slice(plus + 1) };
}

/** "" leaves the choice to the server, as LoRAX's clients do for the model without an adapter; absent is refused. */
export function parseModelName(fields: Fields): ModelName & { readonly written: string } {
  const written = fields.raw("model") === "" ? "" : fields.requiredString("model", MAX_NAME);
  return { ...splitModelName(written), written };
}
