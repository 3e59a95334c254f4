import { streamTokens } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { takeTurns } from "../servers/pair.ts";
import { PARALLEL } from "../servers/recipes.ts";
import { idleShares, type Scenario } from "./scenario.ts";

const LONG_PROMPT_TOKENS = { full: 3_000, quick: 300 };
const ANSWER_TOKENS = { full: 32, quick: 4 };

/**
 * The peak resident size of each side's process tree after full parallelism and one long prompt, on servers started for this alone.
 * The load is small on purpose: llama-server keeps finished prompts in host memory (up to 8 GiB), and that should not count against it.
 */
export const memory: Scenario = {
  metrics: ["rss.peak"],
  async run(context) {
    const session = await takeTurns(context.recipes("unified"), 1, async ({ endpoint }) => {
      const maxTokens = ANSWER_TOKENS[context.size];
      const texts = Array.from({ length: PARALLEL }, (_, index) => promptText(32, 6_000_000 + index));
      await Promise.all(texts.map((text) => streamTokens(endpoint, { kind: "text", text }, { maxTokens })));
      const long = promptText(LONG_PROMPT_TOKENS[context.size], 6_500_000);
      await streamTokens(endpoint, { kind: "text", text: long }, { maxTokens });
    });
    const known = (bytes: number | null) => (bytes === null ? [] : [bytes]);
    return {
      measurements: [{ name: "rss.peak", unit: "bytes", ours: known(session.peak.ours), peer: known(session.peak.peer) }],
      idleShares: idleShares(session),
    };
  },
};
