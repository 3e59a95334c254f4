/** What a parameter holds. `texts` may be given several times; `ignored` ones only another engine reads. */
export type ParameterKind = "number" | "whole number" | "texts" | "ignored";

const KINDS: Readonly<Record<string, ParameterKind>> = {
  temperature: "number",
  top_p: "number",
  min_p: "number",
  typical_p: "number",
  repeat_penalty: "number",
  presence_penalty: "number",
  frequency_penalty: "number",
  top_k: "whole number",
  repeat_last_n: "whole number",
  num_ctx: "whole number",
  num_predict: "whole number",
  seed: "whole number",
  stop: "texts",
  ...Object.fromEntries(
    [
      "mirostat",
      "mirostat_eta",
      "mirostat_tau",
      "tfs_z",
      "num_keep",
      "num_batch",
      "num_gpu",
      "num_gqa",
      "num_thread",
      "main_gpu",
      "low_vram",
      "f16_kv",
      "logits_all",
      "vocab_only",
      "use_mmap",
      "use_mlock",
      "numa",
      "penalize_newline",
      "draft_num_predict",
    ].map((name) => [name, "ignored"] as const),
  ),
};

/** Null for a name that nobody knows. */
export function parameterKind(name: string): ParameterKind | null {
  return Object.hasOwn(KINDS, name) ? (KINDS[name] ?? null) : null;
}

/** The value of one parameter's text, or null where it is of the wrong kind. */
export function parseParameter(kind: Exclude<ParameterKind, "ignored">, text: string): number | string | null {
  switch (kind) {
    case "texts":
      return text;
    case "number":
    case "whole number": {
      const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text.trim()) ? Number(text) : Number.NaN;
      return Number.isFinite(value) && (kind === "number" || Number.isSafeInteger(value)) ? value : null;
    }
  }
}

/**
 * The parameters a registry publishes as JSON. What is of the wrong kind or unknown is named in `ignored`: a model is
 * not refused for it.
 */
export function publishedParameters(json: Readonly<Record<string, unknown>>): {
  parameters: Record<string, unknown>;
  ignored: string[];
} {
  const parameters: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [name, value] of Object.entries(json)) {
    const kind = parameterKind(name);
    const texts = Array.isArray(value) ? value : [value];
    if (kind === "texts" && texts.every((text) => typeof text === "string")) parameters[name] = texts;
    else if (kind === "number" && typeof value === "number") parameters[name] = value;
    else if (kind === "whole number" && Number.isSafeInteger(value)) parameters[name] = value;
    else ignored.push(name);
  }
  return { parameters, ignored };
}

/** True for a Jinja chat template; Ollama's own templates are Go's, which say `{{ .Prompt }}` and `{{ if .System }}`. */
export function isJinjaTemplate(template: string): boolean {
  return /\{%|\{\{-?\s*(messages|bos_token)\b/.test(template);
}
