import { CONFIG_ARGS, ENGINE_ARGS } from "../config/config-args.ts";
import { command } from "../invocation/command.ts";
import { URL_ARG } from "./url-arg.ts";

export const run = command({
  name: "run",
  summary: "Talk to a model, or ask it one thing",
  args: {
    model: {
      type: "positional",
      required: false,
      description: "Name of the model; MODEL+ADAPTER for an adapter of it. None: choose, or arriero-demo",
    },
    prompt: {
      type: "positional",
      required: false,
      description: "What to ask; without it, and on a terminal, a conversation begins",
    },
    system: { type: "string", valueHint: "TEXT", description: "System prompt (default: the Modelfile's)" },
    temperature: { type: "string", valueHint: "T", description: "0 is greedy: always the likeliest token" },
    seed: { type: "string", valueHint: "N", description: "The same seed gives the same answer" },
    "max-tokens": { type: "string", valueHint: "N", description: "Tokens of the answer at most" },
    "json-schema": { type: "string", valueHint: "FILE", description: "JSON Schema that the answer follows" },
    verbose: { type: "boolean", description: "Timings under each answer" },
    ...URL_ARG,
    ...CONFIG_ARGS,
    ...ENGINE_ARGS,
  },
  rest: true,
  examples: [
    { line: "arriero run arriero-demo", why: "a conversation; starts a server for it where none runs" },
    { line: 'arriero run arriero-demo "What is Arriero?"', why: "one answer" },
    { line: "cat notes.txt | arriero run arriero-demo summarise this", why: "the prompt, then what is piped" },
  ],
  async run(args, session) {
    const { converse } = await import("../chat/converse.ts");
    return converse(args, session);
  },
});
