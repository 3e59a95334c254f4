import type { GrammarDefinition } from "@arriero/ggml";
import type { GenerationInput, GenerationRequest, OutputFormat } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import { outputGrammar } from "../chat/output-grammar.ts";
import { OutputParser } from "../chat/output-parser.ts";
import type { ReasoningSetup } from "../chat/reasoning-splitter.ts";
import { ChatTemplate, type RenderedChat } from "../chat/template.ts";
import { toolCallId } from "../chat/tool-call-id.ts";
import type { OutputReader } from "../generate/output-reader.ts";
import { PlainOutput } from "../generate/plain-output.ts";
import { assertGrammarBounds } from "./grammar-bounds.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { TranscriptMemory } from "./transcript-memory.ts";

/** Everything the engine derives from a request's input. */
export interface BuiltPrompt {
  readonly tokens: Int32Array;
  readonly grammar: GrammarDefinition | null;
  /** A reader for one choice's output. */
  createReader(choice: number): OutputReader;
  /** UTF-8 bytes of an output token, with those control tokens spelled out that the reader must see. */
  piece(token: number): Uint8Array;
  /** Called with each finished choice's text and tokens, so that the next turn begins with the very same tokens. */
  remember(output: string, tokens: readonly number[]): void;
}

type ChatInput = Extract<GenerationInput, { kind: "chat" }>;

/** Turns requests into prompts for one model: template, tokens, grammar, and how the output is to be read. */
export class PromptBuilder {
  readonly #tokenizer: Tokenizer;
  readonly #template: ChatTemplate;
  readonly #transcripts = new TranscriptMemory();
  readonly #now: () => Date;
  /** Control tokens that mark reasoning and tool calls: token id -> its spelling. */
  readonly #markers: ReadonlyMap<number, Uint8Array>;

  /** @throws ArrieroError template_failed where the model's template cannot be parsed */
  constructor(tokenizer: Tokenizer, template: string | null, now: () => Date) {
    this.#tokenizer = tokenizer;
    this.#now = now;
    this.#template = new ChatTemplate(template, { bosToken: tokenizer.bosText, eosToken: tokenizer.eosText });
    const markers = new Map<number, Uint8Array>();
    for (const marker of this.#template.markers) {
      const token = this.#singleToken(marker);
      if (token !== undefined) markers.set(token, Buffer.from(tokenizer.spell(token)));
    }
    this.#markers = markers;
  }

  /** The very tokens that `build` would make of this input now. @throws ArrieroError where the input cannot be used */
  tokenize(input: GenerationInput): Int32Array {
    switch (input.kind) {
      case "chat":
        return this.#tokensOf(this.#render(input).prompt);
      case "text":
        return this.#tokenizer.tokenize(input.text, true, true);
      case "tokens":
        return this.#checked(input.tokens, "input.tokens");
      default:
        return input satisfies never;
    }
  }

  /** @throws ArrieroError where the input, its schema or its grammar cannot be used */
  build(request: GenerationRequest): BuiltPrompt {
    const { input } = request;
    switch (input.kind) {
      case "chat":
        return this.#chat(request, input);
      case "text":
      case "tokens":
        return this.#plain(request, this.tokenize(input));
      default:
        return input satisfies never;
    }
  }

  #plain(request: GenerationRequest, tokens: Int32Array): BuiltPrompt {
    if (tokens.length === 0) throw new ArrieroError("invalid_request", "the prompt is empty", { param: "prompt" });
    this.#checkResume(request);
    return {
      tokens,
      grammar: this.#grammar(request.format, null, null),
      createReader: () => new PlainOutput(request.stop),
      piece: (token) => this.#tokenizer.piece(token),
      remember: () => {},
    };
  }

  #chat(request: GenerationRequest, input: ChatInput): BuiltPrompt {
    this.#checkResume(request);
    const usesTools = mayCallTools(input);
    const { prompt, reasoning } = this.#render(input);
    const format = this.#template.toolFormat;
    const told = request.resume?.promptTokens ?? null;
    const tokens = told === null ? this.#tokensOf(prompt) : this.#checked(told, "resume.promptTokens");
    return {
      tokens,
      grammar: this.#grammar(request.format, usesTools ? input : null, reasoning),
      createReader: (choice) =>
        new OutputParser({
          reasoning,
          tools: usesTools ? { format, definitions: input.tools } : null,
          stop: request.stop,
          callId: (index) => toolCallId(`${request.id}:${request.sampling.seed}`, choice, index),
        }),
      piece: (token) => this.#markers.get(token) ?? this.#tokenizer.piece(token),
      remember: (output, outputTokens) => {
        if (outputTokens.length > 0) this.#transcripts.remember(prompt + output, Int32Array.from([...tokens, ...outputTokens]));
      },
    };
  }

  #render(input: ChatInput): RenderedChat {
    const rendered = this.#template.render(input.messages, {
      tools: mayCallTools(input) ? input.tools : [],
      reasoning: input.reasoning,
      now: this.#now(),
    });
    return input.prefill === undefined ? rendered : begun(rendered, input.prefill);
  }

  #grammar(format: OutputFormat, input: ChatInput | null, reasoning: ReasoningSetup | null): GrammarDefinition | null {
    const tools =
      input === null
        ? null
        : {
            format: this.#template.toolFormat,
            definitions: input.tools,
            choice: input.toolChoice,
            parallel: input.parallelToolCalls,
          };
    const grammar = outputGrammar({ format, tools, reasoning });
    if (grammar === null) return null;
    assertGrammarBounds(format.kind === "grammar" ? format.grammar : grammar.grammar);
    return {
      gbnf: grammar.grammar,
      root: grammar.root,
      ...(grammar.triggers === null ? {} : { triggerPatterns: grammar.triggers }),
    };
  }

  /** Tokens of a rendered chat: what an earlier turn already stood for, and only the rest tokenized. */
  #tokensOf(prompt: string): Int32Array {
    const { bosText } = this.#tokenizer;
    const known = this.#transcripts.recall(prompt);
    if (known !== null) {
      const rest = this.#tokenizer.tokenize(prompt.slice(known.text.length), false, true);
      // Only behind a control token is the cut certain to be where a tokenizer of the whole text would cut too.
      if (rest[0] !== undefined && this.#tokenizer.isControl(rest[0])) {
        const tokens = new Int32Array(known.tokens.length + rest.length);
        tokens.set(known.tokens);
        tokens.set(rest, known.tokens.length);
        return tokens;
      }
    }
    const hasBos = bosText !== "" && prompt.startsWith(bosText);
    const tokens = this.#tokenizer.tokenize(prompt, !hasBos, true);
    if (tokens.length === 0) throw new ArrieroError("template_failed", "the chat template renders these messages as nothing");
    return tokens;
  }

  #singleToken(text: string): number | undefined {
    const [token, ...rest] = this.#tokenizer.tokenize(text, false, true);
    return rest.length === 0 ? token : undefined;
  }

  #checkResume(request: GenerationRequest): void {
    for (const [choice, tokens] of (request.resume?.tokens ?? []).entries()) this.#checked(tokens, `resume.tokens[${choice}]`);
  }

  #checked(tokens: readonly number[], param: string): Int32Array {
    const wrong = tokens.find((token) => token >= this.#tokenizer.size);
    if (wrong === undefined) return Int32Array.from(tokens);
    throw new ArrieroError("invalid_request", `${param} has token ${wrong}, the vocabulary ends at ${this.#tokenizer.size - 1}`, {
      param,
    });
  }
}

function mayCallTools(input: ChatInput): boolean {
  return input.tools.length > 0 && input.toolChoice.kind !== "none";
}

/**
 * The answer's beginning stands where the template lets the answer begin. Whoever has begun to answer has thought: what the
 * template opened for that is closed, and all that comes is the answer.
 */
function begun({ prompt, reasoning }: RenderedChat, prefill: string): RenderedChat {
  const thought = reasoning?.place === "open" ? `${reasoning.end}\n\n` : "";
  return { prompt: prompt + thought + prefill, reasoning: null };
}
