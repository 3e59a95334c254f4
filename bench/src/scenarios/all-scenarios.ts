import { coldStart, demoColdStart } from "./cold-start.ts";
import { conversation } from "./conversation.ts";
import { decode } from "./decode.ts";
import { memory } from "./memory.ts";
import type { Scenario } from "./scenario.ts";
import { sharedPrefix } from "./shared-prefix.ts";
import { worstGapScenario } from "./worst-gap.ts";

/** In the order they run and are reported. */
export const SCENARIOS: readonly Scenario[] = [
  decode(1, 128),
  decode(8, 96),
  decode(32, 64),
  sharedPrefix,
  worstGapScenario,
  conversation,
  coldStart,
  demoColdStart,
  memory,
];
