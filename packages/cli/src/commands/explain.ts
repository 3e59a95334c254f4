import { Capability, DataClass, PriorityClass, RegionPattern } from "@arriero/spec";
import type { z } from "zod";
import { CONFIG_ARGS } from "../config/config-args.ts";
import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { UsageError } from "../invocation/usage-error.ts";

/** `a,b` as a list in which each word fits; null: the flag was not given. */
function listed<T>(flag: string, text: string | undefined, schema: z.ZodType<T>): T[] | null {
  if (text === undefined) return null;
  return text.split(",").map((word) => {
    const parsed = schema.safeParse(word.trim());
    if (parsed.success) return parsed.data;
    throw new UsageError(
      `--${flag} has ${JSON.stringify(word)}: ${parsed.error.issues[0]?.message}`,
      "Separate the words by commas; docs/routing.md lists what they may be.",
    );
  });
}

export const explainCommand = command({
  name: "explain",
  summary: "Show which backends of a model a request may go to, and why not to the others",
  args: {
    model: { type: "positional", required: true, description: "Name or alias of a model under `models:` in arriero.yaml" },
    class: {
      type: "enum",
      options: [...PriorityClass.options],
      default: "interactive",
      description: "Class of the request (default: interactive)",
    },
    organization: { type: "string", valueHint: "NAME", description: "Organisation it comes from" },
    region: { type: "string", valueHint: "REGIONS", description: "Regions the request allows, as `eu-*,ch`" },
    "data-class": { type: "enum", options: [...DataClass.options], description: "How its text must be guarded" },
    needs: { type: "string", valueHint: "LIST", description: "Capabilities it needs, as `tools,logprobs` (default: chat)" },
    ...CONFIG_ARGS,
    ...JSON_ARG,
  },
  examples: [{ line: "arriero explain llama --class batch --region 'eu-*'", why: "where batch work may go in the EU" }],
  async run(args, { env, home, out }) {
    const regions = listed("region", args.region, RegionPattern);
    const needs = listed("needs", args.needs, Capability) ?? (["chat"] as const);
    const { loadConfig } = await import("../config/load-config.ts");
    const { explainModel } = await import("../routing/explain-model.ts");
    const config = await loadConfig({ config: args.config }, env, home);
    const dataClass = args["data-class"] ?? null;
    const decision = explainModel(
      { model: args.model, class: args.class, organization: args.organization ?? null, regions, dataClass, needs },
      config,
    );
    if (args.json) {
      out.write(`${JSON.stringify(decision)}\n`);
      return EXIT.ok;
    }
    const { decisionView } = await import("../routing/decision-view.ts");
    out.write(decisionView(decision, out));
    return EXIT.ok;
  },
});
