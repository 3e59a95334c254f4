import { type Fields, refusal } from "../fields.ts";

const EFFORTS: readonly unknown[] = ["low", "medium", "high", "max"];

/** `think`: whether to reason first. How much is for the model's template to know, which knows only whether. */
export function parseThink(fields: Fields): boolean | undefined {
  const value = fields.raw("think");
  if (value === undefined || typeof value === "boolean") return value;
  if (EFFORTS.includes(value)) return true;
  throw refusal(fields.at("think"), 'true, false, "low", "medium" or "high"', value);
}
