import { openai } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import { boundedLines } from "./bounded-lines.ts";

/** Faults told at most; the first ones help most. */
const MOST_FAULTS = 50;

export interface InputLimits {
  readonly lines: number;
  readonly lineBytes: number;
}

/** Reads the whole input once: how many requests it has, or what is wrong with it. */
export async function checkInput(
  bytes: AsyncIterable<Uint8Array>,
  endpoint: openai.BatchEndpoint,
  limits: InputLimits,
): Promise<{ readonly total: number; readonly faults: readonly openai.BatchFault[] }> {
  const ids = new Set<string>();
  const faults: openai.BatchFault[] = [];
  const note = (thrown: unknown, line: number | null): void => {
    const { code, message, param } = ArrieroError.wrap(thrown).body;
    faults.push({ code, message, param: param ?? null, line });
  };
  let total = 0;
  try {
    for await (const { number, text } of boundedLines(bytes, limits.lineBytes)) {
      if (++total > limits.lines) {
        throw new ArrieroError("invalid_request", `A batch may have ${limits.lines} requests.`, { param: "input_file_id" });
      }
      try {
        const { customId } = openai.parseBatchLine(text, endpoint);
        if (ids.has(customId)) {
          const message = `custom_id must be unique, but ${JSON.stringify(customId)} comes again.`;
          throw new ArrieroError("invalid_request", message, { param: "custom_id" });
        }
        ids.add(customId);
      } catch (thrown) {
        note(thrown, number);
        if (faults.length >= MOST_FAULTS) break;
      }
    }
    if (total === 0) throw new ArrieroError("invalid_request", "The file has no requests.", { param: "input_file_id" });
  } catch (thrown) {
    note(thrown, null);
  }
  return { total, faults };
}
