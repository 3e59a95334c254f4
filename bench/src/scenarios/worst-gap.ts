import { streamTokens, type TokenStream, timeToFirstToken } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { takeTurns } from "../servers/pair.ts";
import type { Endpoint } from "../servers/server.ts";
import { idleShares, measurement, type Scenario } from "./scenario.ts";

const STREAMS = 4;
/** Every stream has shown this many tokens before the long prompt is sent. */
const RUNNING_AFTER = 8;
/** Longer than any prefill lasts: the streams are cut when the long prompt has its first token. */
const STREAM_TOKENS = 4_000;
const LONG_PROMPT_TOKENS = { full: 3_000, quick: 600 };

export interface Interruption {
  readonly running: readonly TokenStream[];
  readonly long: TokenStream;
}

/** The longest time, in ms, that any running stream waited for its next token while the long prompt was being worked on. */
export function worstGap({ running, long }: Interruption): number {
  const until = long.sentAt + timeToFirstToken(long);
  const gaps = running.flatMap(({ arrivals }) => {
    // A stream that never spoke again until the end waited at least that long.
    const moments = [...arrivals.filter((at) => at < until), arrivals.find((at) => at >= until) ?? until];
    return moments.slice(1).flatMap((at, index) => (at > long.sentAt ? [at - moments[index]!] : []));
  });
  return Math.max(...gaps);
}

async function interrupt(endpoint: Endpoint, promptTokens: number, round: number): Promise<Interruption> {
  const enough = new AbortController();
  try {
    const started: Promise<void>[] = [];
    const running = Array.from({ length: STREAMS }, (_, index) => {
      const prompt = { kind: "text", text: promptText(32, 9_000_000 + round * 100 + index) } as const;
      let onStarted: () => void = () => {};
      const start = new Promise<void>((resolve) => {
        onStarted = resolve;
      });
      const stream = streamTokens(endpoint, prompt, {
        maxTokens: STREAM_TOKENS,
        until: enough.signal,
        onToken: (arrivals) => arrivals.length === RUNNING_AFTER && onStarted(),
      });
      started.push(Promise.race([start, stream.then(() => {})]));
      return stream;
    });
    await Promise.all(started);
    const long = await streamTokens(
      endpoint,
      { kind: "text", text: promptText(promptTokens, 9_500_000 + round) },
      { maxTokens: RUNNING_AFTER },
    );
    enough.abort();
    return { running: await Promise.all(running), long };
  } finally {
    enough.abort();
  }
}

/** Streams that run while a long prompt arrives; the second session gives the peer the batch size its users reach for then. */
export const worstGapScenario: Scenario = {
  metrics: ["gap.worst", "gap.worst.peer-batch-512", "ttft.long-prompt"],
  async run(context) {
    const tokens = LONG_PROMPT_TOKENS[context.size];
    const turn = ({ endpoint }: { endpoint: Endpoint }, round: number) => interrupt(endpoint, tokens, round);
    const usual = await takeTurns(context.recipes("unified"), context.rounds, turn);
    const smallBatch = await takeTurns(context.recipes("unified-small-batch"), context.rounds, turn);
    return {
      measurements: [
        measurement("gap.worst", "ms", usual, worstGap),
        measurement("gap.worst.peer-batch-512", "ms", smallBatch, worstGap),
        measurement("ttft.long-prompt", "ms", usual, ({ long }) => timeToFirstToken(long)),
      ],
      idleShares: [...idleShares(usual), ...idleShares(smallBatch)],
    };
  },
};
