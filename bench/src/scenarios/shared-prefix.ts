import { streamTokens, timeToFirstToken } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { takeTurns } from "../servers/pair.ts";
import { median } from "../stats/percentile.ts";
import { idleShares, measurement, type Scenario } from "./scenario.ts";

const OWN_TOKENS = 32;
const ANSWER_TOKENS = 8;
const SIZES = { full: { requests: 32, prefixTokens: 512 }, quick: { requests: 4, prefixTokens: 64 } };

/** Requests that share a prefix nobody has computed yet and arrive together, each with a tail of its own: median time to first token. */
export const sharedPrefix: Scenario = {
  metrics: ["ttft.shared-prefix"],
  async run(context) {
    const { requests, prefixTokens } = SIZES[context.size];
    const session = await takeTurns(context.recipes("split"), context.rounds, async ({ endpoint }, round) => {
      const prefix = promptText(prefixTokens, 7_000_000 + round);
      const tails = Array.from({ length: requests }, (_, index) => promptText(OWN_TOKENS, 8_000_000 + round * 1000 + index));
      return Promise.all(
        tails.map((tail) => streamTokens(endpoint, { kind: "text", text: prefix + tail }, { maxTokens: ANSWER_TOKENS })),
      );
    });
    const typical = measurement("ttft.shared-prefix", "ms", session, (streams) => median(streams.map(timeToFirstToken)));
    return { measurements: [typical], idleShares: idleShares(session) };
  },
};
