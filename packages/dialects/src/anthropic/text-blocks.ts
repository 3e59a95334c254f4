import type { ArrieroError } from "@arriero/spec";
import { Fields, listAt, refusal, stringAt, unsupported } from "../fields.ts";

const MAX_BLOCKS = 1024;

/** A string, or text blocks joined by newlines; "" where there is nothing. */
export function joinedText(value: unknown, path: string): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) throw refusal(path, "a string or an array of text blocks", value);
  return listAt(value, path, MAX_BLOCKS)
    .map((each, i) => {
      const block = Fields.of(each, `${path}[${i}]`);
      const type = blockType(block);
      if (type !== "text") throw refusedBlock(block, type);
      return blockText(block);
    })
    .join("\n");
}

export function blockType(block: Fields): string {
  return stringAt(block.raw("type"), block.at("type"));
}

export function blockText(block: Fields): string {
  return stringAt(block.raw("text"), block.at("text"));
}

/** The error for an image, a document, a server tool's block: nothing is silently left out. */
export function refusedBlock(block: Fields, type: string): ArrieroError {
  return unsupported(
    block.path,
    `${block.path} is a block of type ${JSON.stringify(type.slice(0, 48))}, which is not supported here.`,
  );
}
