import { isIP } from "node:net";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ArrieroError } from "@arriero/spec";
import { isModelName, nameSegment } from "./model-name.ts";

/** Where a model comes from. */
export type ModelReference =
  /** `selector` is a quantization (`Q4_K_M`) or a file of the repository; null takes the preferred quantization. */
  | { readonly kind: "huggingface"; readonly repository: string; readonly selector: string | null }
  /** `repository` with its namespace: `library/llama3.2`. */
  | { readonly kind: "ollama"; readonly repository: string; readonly tag: string }
  | { readonly kind: "url"; readonly url: URL; readonly sha256: string | null }
  | { readonly kind: "file"; readonly path: string };

const REPOSITORY = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;
const FORMS = "hf:org/repo[:quant|file.gguf], ollama:name[:tag], https://..., or a path such as ./model.gguf";

/**
 * Reads what a user typed after `pull`. A bare name (`llama3.2:1b`) means the Ollama registry; a path begins with
 * `.`, `/` or `~`, or ends in `.gguf`. Throws `invalid_request`.
 */
export function parseReference(text: string, baseDir = process.cwd()): ModelReference {
  const trimmed = text.trim();
  const scheme = /^([a-z]+):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === "hf") return huggingFace(trimmed.slice(3), text);
  if (/^(hf\.co|huggingface\.co)\//i.test(trimmed)) return huggingFace(trimmed.slice(trimmed.indexOf("/") + 1), text);
  if (scheme === "ollama") return ollama(trimmed.slice(7), text);
  if (scheme === "https" || scheme === "http") return url(trimmed, text);
  if (scheme === "file") return { kind: "file", path: filePath(trimmed, baseDir) };
  if (trimmed.includes("://")) refuse(text, `known forms are ${FORMS}`);
  if (looksLikePath(trimmed)) return { kind: "file", path: localPath(trimmed, baseDir) };
  return ollama(trimmed, text);
}

/** True for text that can only mean a file. */
export function looksLikePath(text: string): boolean {
  return /^(\.{1,2}([/\\]|$)|[/~\\]|[A-Za-z]:[/\\])/.test(text) || /\.gguf$/i.test(text);
}

/** An absolute path, `~` and `baseDir` applied. */
export function localPath(text: string, baseDir: string): string {
  return text === "~" || text.startsWith("~/") ? join(homedir(), text.slice(1)) : resolve(baseDir, text);
}

/** The reference as it is kept in the manifest: without secrets that a query may hold. */
export function sourceText(reference: ModelReference): string {
  switch (reference.kind) {
    case "huggingface":
      return `hf:${reference.repository}${reference.selector === null ? "" : `:${reference.selector}`}`;
    case "ollama":
      return `ollama:${reference.repository.replace(/^library\//, "")}:${reference.tag}`;
    case "url":
      return `${reference.url.origin}${reference.url.pathname}`;
    case "file":
      return `file:${reference.path}`;
  }
}

/** The name a model gets when none is given. `quantization` is that of the file chosen, where it is known. */
export function defaultName(reference: ModelReference, quantization: string | null): string {
  switch (reference.kind) {
    case "huggingface": {
      const repository = reference.repository.split("/")[1] ?? reference.repository;
      const base = nameSegment(repository.replace(/[-_.]gguf$/i, ""));
      return quantization === null ? base : `${base}:${nameSegment(quantization)}`;
    }
    case "ollama": {
      const name = `${reference.repository.replace(/^library\//, "")}:${reference.tag}`.toLowerCase();
      return name.replace(/:latest$/, "");
    }
    case "url":
      return nameSegment(decodeURIComponentOr(basename(reference.url.pathname)).replace(/\.gguf$/i, ""));
    case "file":
      return nameSegment(basename(reference.path).replace(/\.gguf$/i, ""));
  }
}

/** True for a host that only this machine can answer. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function huggingFace(rest: string, text: string): ModelReference {
  const colon = rest.indexOf(":");
  const repository = (colon < 0 ? rest : rest.slice(0, colon)).replace(/\/$/, "");
  const selector = colon < 0 ? null : rest.slice(colon + 1);
  if (!REPOSITORY.test(repository) || repository.includes("..")) refuse(text, "hf: wants a repository as in hf:org/repo");
  if (selector !== null && !isSafePath(selector))
    refuse(text, "after the colon stands a quantization or a .gguf file of the repository");
  return { kind: "huggingface", repository, selector: selector?.toLowerCase() === "latest" ? null : selector };
}

function isSafePath(path: string): boolean {
  return /^[\w.@ +=()/-]{1,255}$/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function ollama(rest: string, text: string): ModelReference {
  const [path = "", tag = "latest", ...more] = rest.split(":");
  const canonical = `${path}:${tag}`.toLowerCase();
  if (more.length > 0 || !isModelName(canonical) || path.split("/").length > 2) refuse(text, `known forms are ${FORMS}`);
  return { kind: "ollama", repository: path.includes("/") ? path : `library/${path}`, tag };
}

function url(address: string, text: string): ModelReference {
  if (!URL.canParse(address)) refuse(text, "the address cannot be read");
  const parsed = new URL(address);
  if (parsed.protocol === "http:" && !isLoopback(parsed.hostname))
    refuse(text, "http: is allowed on this machine alone, use https:");
  if (parsed.username !== "" || parsed.password !== "") refuse(text, "the address must not hold a user name or password");
  const fragment = parsed.hash.slice(1);
  parsed.hash = "";
  const sha256 = /^sha256[=:]([0-9a-f]{64})$/i.exec(fragment)?.[1]?.toLowerCase() ?? null;
  if (fragment !== "" && sha256 === null) refuse(text, "after # only sha256=HEX is known, with 64 digits");
  return hubPage(parsed) ?? { kind: "url", url: parsed, sha256 };
}

/** The address of a repository or of a file's page on the hub, as it stands in the browser. */
function hubPage(address: URL): ModelReference | null {
  if (address.hostname !== "huggingface.co" && address.hostname !== "hf.co") return null;
  const [organisation, name, verb, , ...file] = address.pathname.split("/").slice(1).map(decodeURIComponentOr);
  const repository = `${organisation}/${name}`;
  if (!REPOSITORY.test(repository)) return null;
  if (verb === undefined || verb === "") return { kind: "huggingface", repository, selector: null };
  const selector = file.join("/");
  return (verb === "blob" || verb === "resolve") && selector.endsWith(".gguf") && isSafePath(selector)
    ? { kind: "huggingface", repository, selector }
    : null;
}

function filePath(text: string, baseDir: string): string {
  if (!text.startsWith("file://")) return localPath(text.slice("file:".length), baseDir);
  try {
    return fileURLToPath(text);
  } catch (error) {
    return refuse(text, error instanceof Error ? error.message : String(error));
  }
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuse(text: string, rule: string): never {
  throw new ArrieroError("invalid_request", `${JSON.stringify(text.slice(0, 120))} is no model reference: ${rule}`, {
    param: "model",
    hint: `Known forms: ${FORMS}.`,
  });
}
