import { combineResidency, explain, idleSnapshot, type RoutingDecision } from "@arriero/gateway";
import type { Capability, DataClass, PriorityClass } from "@arriero/spec";
import type { Config } from "../config/config-schema.ts";
import { routedModel } from "./routed-model.ts";

/** What the command line says of the request to explain. */
export interface ExplainedQuestion {
  readonly model: string;
  readonly class: PriorityClass;
  /** Organisation it comes from, which may have a policy of its own; null: none. */
  readonly organization: string | null;
  /** Regions the request allows; null: it says nothing. */
  readonly regions: readonly string[] | null;
  readonly dataClass: DataClass | null;
  readonly needs: readonly Capability[];
}

/** Lengths of an ordinary question: they matter to prices alone here. */
const PROMPT_TOKENS = 1000;
const OUTPUT_TOKENS = 1000;

/** The decision that the configuration alone leads to: every backend ready and idle. */
export function explainModel(question: ExplainedQuestion, config: Config): { model: string } & RoutingDecision {
  const model = routedModel(question.model, config);
  const { organizations, ownRegions: _, ...installation } = config.residency;
  const organisation = question.organization === null ? undefined : organizations[question.organization];
  const asked = {
    allowedRegions: question.regions === null ? null : [...question.regions],
    dataClass: question.dataClass,
    allowUndefinedBoundary: null,
  };
  const request = {
    class: question.class,
    needs: question.needs,
    promptTokens: PROMPT_TOKENS,
    outputTokens: OUTPUT_TOKENS,
    adapter: null,
    residency: combineResidency(organisation === undefined ? [installation] : [installation, organisation], asked),
    budgetLeftMicros: null,
    avoided: [],
  };
  return { model: model.name, ...explain(model, request, model.backends.map(idleSnapshot), { turn: 0, draw: 0.5 }) };
}
