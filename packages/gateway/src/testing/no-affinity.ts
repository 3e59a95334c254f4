import { systemClock } from "@arriero/fleet";
import { PrefixAffinity } from "../affinity/prefix-affinity.ts";

/** For tests without replicas that could be asked what they hold. */
export const noAffinity = new PrefixAffinity({
  ask: () => Promise.reject(new Error("there are no replicas here")),
  clock: systemClock,
});
