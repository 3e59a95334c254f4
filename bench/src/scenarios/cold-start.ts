import { streamTokens } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import type { Recipes } from "../servers/pair.ts";
import { type ServerRecipe, startServer } from "../servers/server.ts";
import type { Outcome, Scenario } from "./scenario.ts";

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

async function coldStarts(name: string, { ours, peer }: Recipes, rounds: number): Promise<Outcome> {
  const samples: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    for (const recipe of [ours, peer]) if (recipe !== null) samples[recipe.name].push(await firstToken(recipe));
  }
  return { measurements: [{ name, unit: "ms", ...samples }], idleShares: [] };
}

export const coldStart: Scenario = {
  metrics: ["cold.first-token"],
  run: (context) => coldStarts("cold.first-token", context.recipes("split"), context.rounds),
};

/** The same with the bundled model: what a newcomer waits for. */
export const demoColdStart: Scenario = {
  metrics: ["cold.demo"],
  run: (context) => coldStarts("cold.demo", context.demo(), context.rounds),
};
