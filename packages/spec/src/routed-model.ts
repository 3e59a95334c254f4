import { z } from "zod";
import { type BackendDescription, BackendEntries, Hardware, Purchase } from "./backend.ts";

/** The routing policies there are; docs/routing.md says what each does. */
export const RoutingPolicyName = z.enum([
  "auto",
  "round-robin",
  "least-work",
  "latency",
  "cheapest",
  "prefix-affinity",
  "weighted",
]);
export type RoutingPolicyName = z.infer<typeof RoutingPolicyName>;

/** Where requests of one class must run, not only should; null: anywhere. */
const ClassDemand = z.strictObject({
  hardware: z.array(Hardware).min(1).max(Hardware.options.length).nullable().default(null),
  purchase: z.array(Purchase).min(1).max(Purchase.options.length).nullable().default(null),
});
export type ClassDemand = z.infer<typeof ClassDemand>;

export const ClassDemands = z.strictObject({
  realtime: ClassDemand.optional(),
  interactive: ClassDemand.optional(),
  batch: ClassDemand.optional(),
});
export type ClassDemands = z.infer<typeof ClassDemands>;

/** The name a model is asked for by. */
export const ServedName = z.string().min(1).max(256);

/** A model as `arriero.yaml` has it, under its name. */
export const ModelEntry = z.strictObject({
  backends: BackendEntries,
  policy: RoutingPolicyName.default("auto"),
  /** Further names it answers to. */
  aliases: z.array(ServedName).max(16).default([]),
  demands: ClassDemands.prefault({}),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

/** A served model with every default resolved. */
export interface RoutedModel {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly policy: RoutingPolicyName;
  readonly demands: ClassDemands;
  readonly backends: readonly BackendDescription[];
}
