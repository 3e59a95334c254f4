import type { page } from "@arriero/spec";

/** The numbers a conversation may set, in the order the drawer shows them. */
export const NUMBERS = [
  { name: "temperature", min: 0, max: 2, step: 0.05 },
  { name: "topP", min: 0, max: 1, step: 0.01 },
  { name: "topK", min: 0, step: 1 },
  { name: "minP", min: 0, max: 1, step: 0.01 },
  { name: "repeatPenalty", min: 0, max: 2, step: 0.05 },
  { name: "maxTokens", min: 1, max: 1_000_000, step: 1 },
  { name: "seed", min: 0, step: 1 },
] as const satisfies readonly { name: keyof page.ChatParameters; min: number; max?: number; step: number }[];

type NumberName = (typeof NUMBERS)[number]["name"];

/** The numbers that were filled in; an empty field is the model's own. */
export function readParameters(fields: FormData): Partial<Record<NumberName, number>> {
  const read: Partial<Record<NumberName, number>> = {};
  for (const { name } of NUMBERS) {
    const written = fields.get(name);
    if (typeof written === "string" && written !== "" && Number.isFinite(Number(written))) read[name] = Number(written);
  }
  return read;
}
