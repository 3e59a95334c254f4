import type { LanguageModelV3FinishReason } from "@ai-sdk/provider";
import type { FinishReason } from "@arriero/spec";
import { broken, malformed } from "../backend/backend-faults.ts";

/**
 * Why the answer ended. The packages end every stream with a finish, also one that broke off: then without the vendor's
 * own word (`raw`), and the answer is not to be taken for whole.
 *
 * @throws UpstreamBroken where the vendor gave up or did not say
 */
export function readFinish({ raw, unified }: LanguageModelV3FinishReason): FinishReason {
  if (raw === undefined) throw broken("replica_failed", "The backend ended the stream before the answer was complete.");
  switch (unified) {
    case "stop":
    case "length":
    case "tool-calls":
      return unified;
    case "content-filter":
      return "cancelled";
    case "error":
      throw broken("replica_failed", `The backend gave the answer up (${raw.slice(0, 48)}).`);
    case "other":
      throw malformed(`an unknown finish reason ${JSON.stringify(raw.slice(0, 48))}`);
    default:
      return unified satisfies never;
  }
}
