import { ArrieroError } from "@arriero/spec";
import { parameterKind, parseParameter } from "./model-parameters.ts";

/** One turn that comes before every conversation. */
export interface ModelfileMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a Modelfile says. */
export interface Modelfile {
  readonly from: string;
  readonly adapters: readonly string[];
  readonly template: string | null;
  readonly system: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly license: string | null;
  readonly messages: readonly ModelfileMessage[];
  /** Parameters that only another engine reads. */
  readonly ignoredParameters: readonly string[];
}

const MAX_MODELFILE_LENGTH = 1024 * 1024;

interface Instruction {
  readonly line: number;
  readonly keyword: string;
  readonly value: string;
}

/** Reads a Modelfile in Ollama's format. Throws `invalid_request` with the number of the line. */
export function parseModelfile(text: string): Modelfile {
  if (text.length > MAX_MODELFILE_LENGTH) {
    throw new ArrieroError(
      "invalid_request",
      `the Modelfile has ${text.length} characters, at most ${MAX_MODELFILE_LENGTH} are read`,
    );
  }
  let from: string | null = null;
  let template: string | null = null;
  let system: string | null = null;
  const adapters: string[] = [];
  const licenses: string[] = [];
  const messages: ModelfileMessage[] = [];
  const parameters: Record<string, unknown> = {};
  const ignored = new Set<string>();

  for (const { line, keyword, value } of instructions(text)) {
    if (value === "" && keyword !== "SYSTEM" && keyword !== "TEMPLATE") fail(line, `${keyword} has no value`);
    switch (keyword) {
      case "FROM":
        if (from !== null) fail(line, "FROM stands twice");
        from = value;
        break;
      case "ADAPTER":
        adapters.push(value);
        break;
      case "TEMPLATE":
        template = value;
        break;
      case "SYSTEM":
        system = value;
        break;
      case "LICENSE":
        licenses.push(value);
        break;
      case "MESSAGE":
        messages.push(message(line, value));
        break;
      case "PARAMETER":
        setParameter(line, value, parameters, ignored);
        break;
      default:
        fail(
          line,
          `${keyword.slice(0, 40)} is no instruction; known are FROM, ADAPTER, PARAMETER, TEMPLATE, SYSTEM, LICENSE, MESSAGE`,
        );
    }
  }
  if (from === null) throw new ArrieroError("invalid_request", "the Modelfile has no FROM line");
  const license = licenses.length === 0 ? null : licenses.join("\n\n");
  return { from, adapters, template, system, parameters, license, messages, ignoredParameters: [...ignored] };
}

function* instructions(text: string): Generator<Instruction> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    const content = (lines[i] ?? "").trim();
    if (content === "" || content.startsWith("#")) continue;
    const match = /^(\S+)(?:\s+([\s\S]*))?$/.exec(content);
    const keyword = (match?.[1] ?? "").toUpperCase();
    const rest = match?.[2] ?? "";
    // The text in triple quotes may follow a first word: PARAMETER stop """...""", MESSAGE user """...""".
    const open = /^(?:\S+\s+)?"""/.exec(rest);
    if (open === null) {
      yield { line: start + 1, keyword, value: unquoted(rest.trim()) };
      continue;
    }
    const before = open[0].slice(0, -3);
    let body = rest.slice(open[0].length);
    if (!body.includes('"""')) {
      // The first line was trimmed; text inside the quotes keeps its spaces.
      body = (lines[i] ?? "").slice((lines[i] ?? "").indexOf('"""') + 3);
      do {
        i++;
        if (i >= lines.length) fail(start + 1, `${keyword} opens """ and never closes it`);
        body += `\n${lines[i]}`;
      } while (!(lines[i] ?? "").includes('"""'));
    }
    const end = body.indexOf('"""');
    if (body.slice(end + 3).trim() !== "") fail(i + 1, 'nothing may follow the closing """');
    yield { line: start + 1, keyword, value: before + body.slice(0, end).replace(/^\n/, "") };
  }
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function message(line: number, value: string): ModelfileMessage {
  const [, role, content] = /^(\S+)\s+([\s\S]+)$/.exec(value) ?? [];
  if (role !== "system" && role !== "user" && role !== "assistant")
    fail(line, `MESSAGE wants system, user or assistant, then the text`);
  return { role, content: unquoted(content ?? "") };
}

function setParameter(line: number, value: string, parameters: Record<string, unknown>, ignored: Set<string>): void {
  const [, name = "", text = ""] = /^(\S+)\s+([\s\S]+)$/.exec(value) ?? [];
  if (name === "") fail(line, "PARAMETER wants a name and a value");
  const kind = parameterKind(name);
  if (kind === null) fail(line, `${name} is no parameter`);
  if (kind === "ignored") {
    ignored.add(name);
    return;
  }
  const parsed = parseParameter(kind, unquoted(text));
  if (parsed === null)
    fail(line, `${name} wants ${kind === "texts" ? "text" : `a ${kind}`}, it is ${JSON.stringify(text.slice(0, 40))}`);
  const before = parameters[name];
  parameters[name] = kind === "texts" ? [...(Array.isArray(before) ? before : []), parsed] : parsed;
}

function fail(line: number, rule: string): never {
  throw new ArrieroError("invalid_request", `Modelfile line ${line}: ${rule}`, {
    hint: "Correct the line; docs/models.md lists the instructions.",
  });
}
