import { fileURLToPath } from "node:url";
import { ArrieroError } from "@arriero/spec";
import type { Contestant } from "../contestants/contestant.ts";
import type { RequestLoadPlan, RequestLoadResult } from "../load/request-load.ts";
import { runScript } from "../spawned.ts";
import type { GatewayContext } from "./context.ts";

const SCRIPT = fileURLToPath(new URL("../load/request-load.main.js", import.meta.url));
/** More failures than this share of the answers, and the figures say nothing. */
const MOST_FAILED = 0.01;

/** One turn of one contestant. Throws where requests fail: an error is answered faster than a question. */
export async function requestLoad(
  { logPath }: Pick<GatewayContext, "logPath">,
  { name, target }: Contestant,
  plan: Omit<RequestLoadPlan, "target">,
): Promise<RequestLoadResult> {
  const result = await runScript<RequestLoadResult>(SCRIPT, { ...plan, target }, logPath);
  if (result.failures <= result.perSecond * plan.seconds * MOST_FAILED) return result;
  throw new ArrieroError("replica_failed", `${name} failed ${result.failures} requests; see the logs in the work folder.`);
}
