import { streamTokens } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { type ServerRecipe, startServer } from "../servers/server.ts";
import type { Scenario } from "./scenario.ts";

/** From spawning the server to its first token, with the model's file in the page cache: what a restart costs. */
async function firstToken(recipe: ServerRecipe): Promise<number> {
  const server = await startServer(recipe);
  try {
    const stream = await streamTokens(server.endpoint, { kind: "text", text: promptText(8, 1) }, { maxTokens: 1 });
    return stream.arrivals[0]! - server.spawnedAt;
  } finally {
    await server.stop();
  }
}

export const coldStart: Scenario = {
  metrics: ["cold.first-token"],
  async run(context) {
    const { ours, peer } = context.recipes("split");
    const samples: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let round = 0; round < context.rounds; round++) {
      for (const recipe of [ours, peer]) if (recipe !== null) samples[recipe.name].push(await firstToken(recipe));
    }
    return { measurements: [{ name: "cold.first-token", unit: "ms", ...samples }], idleShares: [] };
  },
};
