import { Fields, refusal, stringAt, unsupported } from "../../fields.ts";

const MAX_NAME = 256;
const MAX_FILES = 64;
const MAX_TEXT = 1024 * 1024;
const MAX_LICENCES = 32;
const MAX_MESSAGES = 1000;
const DIGEST = /^sha256[:-][0-9a-f]{64}$/;

/** `model`, or `name` as older clients call it. */
function parseName(fields: Fields): string {
  return fields.string("model", MAX_NAME) || fields.string("name", MAX_NAME) || fields.requiredString("model", MAX_NAME);
}

/** The body of show, delete and push. */
export function parseModelOnly(body: unknown): { readonly model: string } {
  return { model: parseName(Fields.body(body)) };
}

export interface ParsedPull {
  readonly model: string;
  readonly stream: boolean;
}

/** POST /api/pull */
export function parsePull(body: unknown): ParsedPull {
  const fields = Fields.body(body);
  return { model: parseName(fields), stream: fields.boolean("stream") ?? true };
}

/** POST /api/copy */
export function parseCopy(body: unknown): { readonly source: string; readonly destination: string } {
  const fields = Fields.body(body);
  return {
    source: fields.requiredString("source", MAX_NAME),
    destination: fields.requiredString("destination", MAX_NAME),
  };
}

/** A file uploaded before: its name, and its digest as `sha256:` and 64 hex digits. */
export interface UploadedFile {
  readonly name: string;
  readonly digest: string;
}

export interface ParsedCreate {
  readonly model: string;
  readonly stream: boolean;
  /** The name of a model, or the file of one. */
  readonly base: { readonly kind: "model"; readonly name: string } | { readonly kind: "file"; readonly file: UploadedFile };
  readonly adapters: readonly UploadedFile[];
  /** What is absent is taken over from the base. */
  readonly template: string | undefined;
  readonly system: string | undefined;
  readonly license: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
}

/** POST /api/create */
export function parseCreate(body: unknown): ParsedCreate {
  const fields = Fields.body(body);
  const quantize = fields.string("quantize") || fields.string("quantization");
  if (quantize) throw unsupported("quantize", "Models are not quantised here; upload a file that is.");
  if ((fields.string("modelfile", MAX_TEXT) ?? "") !== "") {
    throw unsupported("modelfile", "A Modelfile is not read here; send from, files, system, parameters and so on as fields.");
  }
  return {
    model: parseName(fields),
    stream: fields.boolean("stream") ?? true,
    base: parseBase(fields),
    adapters: parseFiles(fields, "adapters"),
    template: fields.string("template", MAX_TEXT) || undefined,
    system: fields.string("system", MAX_TEXT) || undefined,
    license: parseLicense(fields),
    parameters: fields.json("parameters") ?? {},
    messages: parseMessages(fields),
  };
}

function parseBase(fields: Fields): ParsedCreate["base"] {
  const name = fields.string("from", MAX_NAME) ?? "";
  const [file, second] = parseFiles(fields, "files");
  if (second !== undefined) throw unsupported("files", "A model of several files is not supported; join them first.");
  if (file === undefined && name === "") throw refusal("from", "the name of a model, unless files has one", undefined);
  if (file !== undefined && name !== "") throw refusal("files", "empty where from names a model", fields.raw("files"));
  return file === undefined ? { kind: "model", name } : { kind: "file", file };
}

function parseFiles(fields: Fields, key: string): UploadedFile[] {
  const files = fields.fields(key);
  if (files === undefined) return [];
  const names = files.keys();
  if (names.length > MAX_FILES) throw refusal(key, `an object of at most ${MAX_FILES} files`, fields.raw(key));
  return names.map((name) => {
    const digest = stringAt(files.raw(name), files.at(name.slice(0, MAX_NAME)), MAX_NAME);
    return { name: name.slice(0, MAX_NAME), digest: parseDigest(digest, files.at(name.slice(0, MAX_NAME))) };
  });
}

/** `sha256:HEX`; a hyphen for the colon is accepted, as in the names of blob files. */
export function parseDigest(text: string, path = "digest"): string {
  if (!DIGEST.test(text)) throw refusal(path, "sha256: and 64 hexadecimal digits in lower case", text);
  return text.replace("-", ":");
}

function parseLicense(fields: Fields): string | undefined {
  const value = fields.raw("license");
  if (typeof value === "string") return fields.string("license", MAX_TEXT) || undefined;
  const all = (fields.list("license", MAX_LICENCES) ?? []).map((each, i) => stringAt(each, `license[${i}]`, MAX_TEXT));
  return all.length === 0 ? undefined : all.join("\n\n");
}

function parseMessages(fields: Fields): ParsedCreate["messages"] {
  return (fields.list("messages", MAX_MESSAGES) ?? []).map((each, i) => {
    const message = Fields.of(each, `messages[${i}]`);
    const role = message.oneOf("role", ["system", "user", "assistant"]);
    if (role === undefined) throw refusal(message.at("role"), "system, user or assistant", undefined);
    return { role, content: message.string("content", MAX_TEXT) ?? "" };
  });
}
