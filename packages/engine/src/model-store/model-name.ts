import { ArrieroError } from "@arriero/spec";

const SEGMENT = "[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9_-])?";
/** `name`, `org/name` or `host/org/name`, with an optional `:tag`. No `+`: that joins a model and its adapter. */
const NAME = new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,2}(?::${SEGMENT})?$`);
const MAX_NAME_LENGTH = 200;

/**
 * The canonical form of a model's name: lower case, without `:latest`. Throws `invalid_request`.
 * What passes holds no `..`, no empty part and no character that a file name cannot carry once encoded.
 */
export function modelName(text: string): string {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/:latest$/, "");
  if (!isModelName(name)) {
    throw new ArrieroError(
      "invalid_request",
      `the model name ${JSON.stringify(text.slice(0, 80))} is not allowed: use letters, digits, ".", "_" and "-", as in org/name:tag`,
      { param: "name" },
    );
  }
  return name;
}

/** True for a name in canonical form. */
export function isModelName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name) && !name.includes("..");
}

/** The file that holds the manifest of `name`: `/` and `:` are percent-encoded, so the mapping can be read back. */
export function manifestFile(name: string): string {
  return `${encodeURIComponent(name)}.json`;
}

/** The name whose manifest `file` is, or null when it is none. */
export function nameOfManifestFile(file: string): string | null {
  if (!file.endsWith(".json")) return null;
  try {
    const name = decodeURIComponent(file.slice(0, -".json".length));
    return isModelName(name) && manifestFile(name) === file ? name : null;
  } catch {
    return null;
  }
}

/** Any text as one part of a model's name. */
export function nameSegment(text: string): string {
  const segment = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .slice(0, 96)
    .replace(/^[^a-z0-9]+|[^a-z0-9_-]+$/g, "");
  return segment === "" ? "model" : segment;
}
