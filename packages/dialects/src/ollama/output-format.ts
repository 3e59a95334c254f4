import type { OutputFormat } from "@arriero/spec";
import { type Fields, refusal } from "../fields.ts";

/** `format`: "json", or a JSON Schema; "" is none, as older clients send it. */
export function parseFormat(fields: Fields): OutputFormat {
  const value = fields.raw("format");
  if (value === undefined || value === "") return { kind: "text" };
  if (value === "json") return { kind: "json" };
  if (typeof value === "string") throw refusal(fields.at("format"), '"json" or a JSON Schema object', value);
  return { kind: "json-schema", schema: fields.json("format") ?? {} };
}
