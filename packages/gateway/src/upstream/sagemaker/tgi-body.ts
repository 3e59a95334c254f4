import { ArrieroError, type GenerationRequest, type OutputFormat } from "@arriero/spec";

/** A generation as a TGI container is asked for it: `/generate_stream`'s body. @throws ArrieroError unsupported */
export function tgiBody(request: GenerationRequest): Readonly<Record<string, unknown>> {
  const { input, maxTokens, sampling, stop } = request;
  if (input.kind !== "text") throw unsupported("conversations or token ids, only bare texts");
  if (request.n > 1) throw unsupported("several choices");
  if (request.logprobs !== null) throw unsupported("log probabilities");
  if (request.ignoreEos) throw unsupported("ignore_eos");
  const parameters = {
    details: true,
    return_full_text: false,
    ...drawn(sampling),
    ...unless(sampling.repeatPenalty === 1, { repetition_penalty: sampling.repeatPenalty }),
    ...unless(sampling.frequencyPenalty === 0, { frequency_penalty: sampling.frequencyPenalty }),
    ...unless(maxTokens === null, { max_new_tokens: maxTokens }),
    ...unless(stop.length === 0, { stop }),
    ...grammar(request.format),
  };
  return { inputs: input.text, parameters, stream: true };
}

/** A temperature of 0 and a top_p of 1 are refused there: they are said by leaving them out. */
function drawn({ seed, temperature, topK, topP, typicalP }: GenerationRequest["sampling"]): Record<string, unknown> {
  if (temperature === 0) return { do_sample: false };
  return {
    do_sample: true,
    temperature,
    seed,
    ...unless(topP === 1, { top_p: topP }),
    ...unless(topK === 0, { top_k: topK }),
    ...unless(typicalP === 1, { typical_p: typicalP }),
  };
}

function grammar(format: OutputFormat): Record<string, unknown> {
  switch (format.kind) {
    case "text":
      return {};
    case "json":
      return { grammar: { type: "json", value: { type: "object" } } };
    case "json-schema":
      return { grammar: { type: "json", value: format.schema } };
    case "grammar":
      throw unsupported("grammars");
    default:
      return format satisfies never;
  }
}

function unless<T extends object>(left: boolean, fields: T): T | Record<string, never> {
  return left ? {} : fields;
}

function unsupported(what: string): ArrieroError {
  return new ArrieroError("unsupported", `The backend of this model cannot do ${what}.`);
}
