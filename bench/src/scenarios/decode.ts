import { streamTokens, type TokenStream } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { takeTurns } from "../servers/pair.ts";
import { idleShares, measurement, type Scenario } from "./scenario.ts";

const PROMPT_TOKENS = 32;

/**
 * Tokens a second of the decode phase, all streams together: counted from when the last stream got its first token to when the
 * first stream got its last, so that neither prefill nor a thinning tail is in it. Where there is no such window, from the first
 * token to the last. A server that sends several tokens in one piece is credited with the tokens it reports.
 */
export function decodeRate(streams: readonly TokenStream[]): number {
  const from = Math.max(...streams.map((stream) => stream.arrivals[0]!));
  const to = Math.min(...streams.map((stream) => stream.arrivals.at(-1)!));
  const [start, end] = to > from ? [from, to] : wholeSpan(streams);
  const tokens = streams.reduce((sum, stream) => {
    const inside = stream.arrivals.filter((at) => at > start && at <= end).length;
    return sum + inside * (stream.tokens / stream.arrivals.length);
  }, 0);
  return tokens / ((end - start) / 1000);
}

function wholeSpan(streams: readonly TokenStream[]): [number, number] {
  const arrivals = streams.flatMap((stream) => stream.arrivals);
  return [Math.min(...arrivals), Math.max(...arrivals)];
}

/** `width` streams with prompts of their own, sent together. */
export function decode(width: number, tokens: number): Scenario {
  const name = `decode.${width}`;
  return {
    metrics: [name],
    async run(context) {
      const maxTokens = context.size === "quick" ? Math.min(16, tokens) : tokens;
      const session = await takeTurns(context.recipes("split"), context.rounds, async ({ endpoint }, round) => {
        const prompts = Array.from({ length: width }, (_, index) =>
          promptText(PROMPT_TOKENS, round * 1000 + width * 100_000 + index),
        );
        return Promise.all(prompts.map((text) => streamTokens(endpoint, { kind: "text", text }, { maxTokens })));
      });
      return { measurements: [measurement(name, "tok/s", session, decodeRate)], idleShares: idleShares(session) };
    },
  };
}
