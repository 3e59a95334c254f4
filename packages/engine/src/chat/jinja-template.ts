import { ArrieroError } from "@arriero/spec";
import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { strftime } from "./strftime.ts";

/** Characters of a template's source and of a rendered prompt, at most. */
export const MAX_TEMPLATE_CHARS = 1_048_576;
export const MAX_PROMPT_CHARS = 33_554_432;
/** Numbers `range()` yields at most: a template comes with the model, from anywhere. */
const MAX_RANGE = 100_000;

/** What `raise_exception` throws: the template's own words. */
class TemplateRefusal extends Error {}

/** A Jinja template, parsed once. Errors are `template_failed`; what the template itself raises is quoted. */
export class JinjaTemplate {
  readonly source: string;
  readonly #program: Template["parsed"];

  constructor(source: string) {
    if (source.length > MAX_TEMPLATE_CHARS) {
      throw failed(`the chat template has ${source.length} characters, at most ${MAX_TEMPLATE_CHARS} are read`);
    }
    this.source = source;
    this.#program = attempt("the chat template cannot be read", () => new Template(source).parsed);
  }

  /** Undefined values are left undefined in the template. */
  render(values: Readonly<Record<string, unknown>>, now: Date): string {
    const environment = new Environment();
    const all = { ...globals(now), ...values };
    for (const [name, value] of Object.entries(all)) if (value !== undefined) environment.set(name, value);
    const { value } = attempt("the chat template failed", () => new Interpreter(environment).run(this.#program));
    if (typeof value !== "string") throw failed("the chat template did not render text");
    if (value.length > MAX_PROMPT_CHARS)
      throw failed(`the prompt has ${value.length} characters, at most ${MAX_PROMPT_CHARS} are allowed`);
    return value;
  }
}

function globals(now: Date): Record<string, unknown> {
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception(message: unknown) {
      throw new TemplateRefusal(String(message));
    },
    strftime_now: (format: unknown) => strftime(now, String(format)),
    range,
  };
}

function range(...bounds: unknown[]): number[] {
  const [first, second, step = 1] = bounds.map(Number);
  const [from, to] = second === undefined ? [0, first ?? 0] : [first ?? 0, second];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= MAX_RANGE)) throw new Error(`range() of ${length} numbers, at most ${MAX_RANGE} are allowed`);
  return Array.from({ length }, (_, index) => from + index * step);
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof TemplateRefusal)
      throw failed(`the model's chat template refuses these messages: ${thrown.message}`, thrown);
    throw failed(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
  }
}

function failed(message: string, cause?: unknown): ArrieroError {
  return new ArrieroError("template_failed", message, { cause });
}
