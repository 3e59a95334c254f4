import type { ChatMessage, ToolDefinition } from "@arriero/spec";
import { JinjaTemplate } from "./jinja-template.ts";
import { detectReasoning, reasoningSetup } from "./reasoning-markers.ts";
import type { ReasoningMarkers, ReasoningSetup } from "./reasoning-splitter.ts";
import { probeAbilities } from "./template-abilities.ts";
import { type TemplateAbilities, templateMessages } from "./template-messages.ts";
import { templateTools } from "./template-tools.ts";
import type { ToolFormat } from "./tools/tool-format.ts";
import { detectToolFormat, GENERIC_FORMAT } from "./tools/tool-formats.ts";

/** The template of models that bring none. */
export const CHATML =
  "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** What a template does with the same words at any time: rendered once more on each start, never cached across dates. */
const PROBE_DATE = new Date(0);

export interface TemplateTokens {
  /** Text of the model's beginning-of-sequence token, "" when it has none. */
  readonly bosToken: string;
  readonly eosToken: string;
}

export interface RenderOptions {
  readonly tools?: readonly ToolDefinition[];
  /** End with the head of the assistant's turn; default true. */
  readonly addGenerationPrompt?: boolean;
  /** Asks the template for reasoning or none; undefined leaves its default. */
  readonly reasoning?: boolean | undefined;
  /** What `strftime_now` tells, in UTC. */
  readonly now: Date;
}

/** A prompt, and how what the model answers to it is to be read. */
export interface RenderedChat {
  /** Text with the marks of the template: tokenise with special tokens parsed, and without adding a second BOS. */
  readonly prompt: string;
  /** null: the model's template knows no reasoning. */
  readonly reasoning: ReasoningSetup | null;
}

/** A model's chat template, parsed and probed once. */
export class ChatTemplate {
  readonly abilities: TemplateAbilities;
  /** How the model writes tool calls: its family's way, or the generic one that the system text teaches it. */
  readonly toolFormat: ToolFormat;
  readonly reasoning: ReasoningMarkers | null;
  /** Whether this is the ChatML fallback. */
  readonly isFallback: boolean;
  /** Marks that may be single tokens and must reach the output parser as text. */
  readonly markers: readonly string[];
  readonly #template: JinjaTemplate;
  readonly #tokens: TemplateTokens;

  /** `source` is `tokenizer.chat_template` of the GGUF; null or empty falls back to ChatML. Throws template_failed. */
  constructor(source: string | null, tokens: TemplateTokens) {
    this.isFallback = source === null || source.trim() === "";
    this.#template = new JinjaTemplate(this.isFallback ? CHATML : source!);
    this.#tokens = tokens;
    const format = detectToolFormat(this.#template.source);
    this.abilities = probeAbilities(
      (messages, tools, abilities) => this.#text(messages, abilities, { tools, now: PROBE_DATE }),
      format !== null,
    );
    this.toolFormat = this.abilities.tools && format !== null ? format : GENERIC_FORMAT;
    this.reasoning = detectReasoning(this.#template.source);
    this.markers = [...this.toolFormat.markers, ...(this.reasoning === null ? [] : [this.reasoning.start, this.reasoning.end])];
  }

  /** Throws template_failed with the template's words when it refuses the messages. */
  render(messages: readonly ChatMessage[], options: RenderOptions): RenderedChat {
    const prompt = this.#text(messages, this.abilities, options);
    return { prompt, reasoning: this.reasoning === null ? null : reasoningSetup(this.reasoning, prompt) };
  }

  #text(messages: readonly ChatMessage[], abilities: TemplateAbilities, options: RenderOptions): string {
    const { tools = [], addGenerationPrompt = true, reasoning, now } = options;
    const absent = abilities.noTools === "null" ? null : [];
    const offered = tools.length > 0 && abilities.tools ? templateTools(tools, abilities) : absent;
    return this.#template.render(
      {
        messages: templateMessages(messages, tools, abilities),
        tools: offered,
        add_generation_prompt: addGenerationPrompt,
        enable_thinking: reasoning,
        thinking: reasoning,
        bos_token: this.#tokens.bosToken,
        eos_token: this.#tokens.eosToken,
      },
      now,
    );
  }
}
