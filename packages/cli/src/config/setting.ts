import { z } from "zod";
import { ConfigSchema } from "./config-schema.ts";

/** One leaf of the configuration. */
export interface Setting {
  /** As written in error messages and docs: `engine.contextTokens`. */
  readonly key: string;
  readonly path: readonly string[];
  readonly env: string;
  /** The flag without dashes; null where the key has none. */
  readonly flag: string | null;
  readonly fallback: unknown;
  readonly summary: string;
  readonly schema: z.ZodType;
}

/** Flags are given to the keys that one changes from start to start. */
const FLAGS: Readonly<Record<string, string>> = {
  host: "host",
  port: "port",
  model: "model",
  replicas: "replicas",
  maxLoaded: "max-loaded",
  requireKey: "require-key",
  logLevel: "log-level",
  "engine.contextTokens": "context",
  "engine.maxRunning": "max-running",
  "engine.queueLimit": "queue-limit",
  "engine.stepTokens": "step-tokens",
  "engine.threads": "threads",
  "engine.gpuLayers": "gpu-layers",
};

/** `engine.contextTokens` -> `ARRIERO_ENGINE_CONTEXT_TOKENS` */
export function environmentName(path: readonly string[]): string {
  return `ARRIERO_${path.map((word) => word.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join("_")}`;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodNullable)
    inner = inner.unwrap() as z.ZodType;
  return inner;
}

function collect(schema: z.ZodObject, path: readonly string[]): Setting[] {
  return Object.entries(schema.shape).flatMap(([name, child]): Setting[] => {
    const here = [...path, name];
    const inner = unwrapped(child as z.ZodType);
    if (inner instanceof z.ZodObject) return collect(inner, here);
    const key = here.join(".");
    const fallback = child instanceof z.ZodDefault ? child.def.defaultValue : undefined;
    const summary = (child as z.ZodType).description ?? "";
    return [{ key, path: here, env: environmentName(here), flag: FLAGS[key] ?? null, fallback, summary, schema: inner }];
  });
}

/** Every key of the configuration, in the order of the schema. */
export const SETTINGS: readonly Setting[] = collect(ConfigSchema, []);

/**
 * A value that came as text (a flag, a variable) as the schema's type. Text that does not fit stays text,
 * so that the schema says what it wanted.
 */
export function fromText(schema: z.ZodType, text: string): unknown {
  if (schema instanceof z.ZodNumber) {
    const number = Number(text);
    return text.trim() === "" || Number.isNaN(number) ? text : number;
  }
  if (schema instanceof z.ZodBoolean) {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    return /^(0|false|no|off)$/i.test(text) ? false : text;
  }
  if (schema instanceof z.ZodArray || schema instanceof z.ZodRecord) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return text;
}
