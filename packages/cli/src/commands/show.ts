import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const show = command({
  name: "show",
  summary: "Show what a model is: size, context, abilities, adapters, template",
  args: { model: { type: "positional", required: true, description: "Name of the model, as in `arriero list`" }, ...JSON_ARG },
  async run({ model, json }, { home, out }) {
    const { openStore } = await import("../models/open-store.ts");
    const store = openStore(home);
    const stored = await store.resolve(model);
    const description = await store.describe(model);
    if (json) {
      out.write(`${JSON.stringify({ ...stored, description })}\n`);
      return EXIT.ok;
    }
    const { modelFacts } = await import("../models/model-rows.ts");
    out.write(`${modelFacts(stored, description, stored.template, out)}\n`);
    return EXIT.ok;
  },
});
