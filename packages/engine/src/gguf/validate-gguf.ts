import { ArrieroError } from "@arriero/spec";
import { type GgufHeader, isAdapter, numberValue, textValue } from "./gguf-header.ts";
import { readGguf } from "./read-gguf.ts";

/** What a GGUF file is for. */
export type GgufRole = "model" | "adapter";

/**
 * Reads the header and checks that the file can serve in its role: a whole model of a named architecture, or a LoRA
 * adapter. Throws `gguf_invalid` or `gguf_truncated`.
 */
export async function validateGguf(path: string, role: GgufRole = "model"): Promise<GgufHeader> {
  const header = await readGguf(path);
  checkRole(header, role);
  return header;
}

/** The checks of `validateGguf` on a header already read. */
export function checkRole(header: GgufHeader, role: GgufRole): void {
  const parts = numberValue(header, "split.count") ?? 1;
  if (parts > 1)
    refuse(`the file is one of ${parts} parts of a split model (split.count); join them with llama-gguf-split --merge`);
  const type = textValue(header, "general.type");
  if (role === "model" && isAdapter(header)) refuse("the file is a LoRA adapter (general.type is adapter), a model is wanted");
  if (role === "model" && type !== null && type !== "model") refuse(`general.type is ${JSON.stringify(type)}, model is wanted`);
  if (role === "adapter") checkAdapter(header);
  if (!textValue(header, "general.architecture")) refuse("general.architecture is missing");
  if (header.tensors.length === 0) refuse("the file holds no tensors");
}

function checkAdapter(header: GgufHeader): void {
  if (!isAdapter(header)) refuse("the file is a model, a LoRA adapter (general.type adapter) is wanted");
  const type = textValue(header, "adapter.type");
  if (type !== "lora") refuse(`adapter.type is ${JSON.stringify(type)}, lora is wanted`);
}

function refuse(rule: string): never {
  throw new ArrieroError("gguf_invalid", rule);
}
