import { deepseekFormat } from "./deepseek-format.ts";
import { hermesFormat } from "./hermes-format.ts";
import { llamaFormat } from "./llama-format.ts";
import { mistralArgumentsFormat, mistralFormat } from "./mistral-format.ts";
import { qwenCoderFormat } from "./qwen-coder-format.ts";
import type { ToolFormat } from "./tool-format.ts";

/** Every format, each detected by what its family's templates show; no template is claimed by two. */
export const TOOL_FORMATS: readonly ToolFormat[] = [
  qwenCoderFormat,
  hermesFormat,
  mistralArgumentsFormat,
  mistralFormat,
  llamaFormat,
  deepseekFormat,
];

/** What models that were taught no format, or one we do not know, are asked to write. */
export const GENERIC_FORMAT: ToolFormat = hermesFormat;

/** The format a chat template shows; null for none of ours. */
export function detectToolFormat(template: string): ToolFormat | null {
  return TOOL_FORMATS.find((format) => format.detects(template)) ?? null;
}
