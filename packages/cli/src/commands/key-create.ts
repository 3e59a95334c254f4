import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const keyCreate = command({
  name: "create",
  summary: "Make an API key and show it, once",
  args: {
    name: { type: "positional", required: true, description: "What to call it" },
    models: { type: "string", valueHint: "PATTERNS", description: "Models it may use: names with commas between, * for any" },
    "requests-per-minute": { type: "string", valueHint: "N", description: "Requests a minute" },
    "tokens-per-minute": { type: "string", valueHint: "N", description: "Tokens a minute" },
    "tokens-per-day": { type: "string", valueHint: "N", description: "Tokens a day (UTC)" },
    budget: { type: "string", valueHint: "AMOUNT", description: "Money for each period, as 12.50" },
    "budget-period": { type: "enum", options: ["day", "month"], description: "Period of the budget (default: month)" },
    organization: { type: "string", valueHint: "NAME", description: "Organisation it belongs to (default: default)" },
    regions: { type: "string", valueHint: "NAMES", description: "Regions its requests may be served in" },
    "data-class": { type: "string", valueHint: "NAME", description: "Class of the data it sends" },
    expires: { type: "string", valueHint: "WHEN", description: "When it ends: 12h, 90d or 2027-01-31" },
    ...JSON_ARG,
  },
  examples: [{ line: "arriero key create laptop --tokens-per-day 100000", why: "a key with a daily bound" }],
  async run(args, session) {
    const { keyPlan } = await import("../keys/key-plan.ts");
    const { withStore } = await import("../keys/open-keys.ts");
    const plan = keyPlan(args, session.now());
    const created = await withStore(session, ({ keys }) => keys.create(plan));
    if (args.json) session.out.write(`${JSON.stringify(created)}\n`);
    else {
      session.out.write(`${created.key}\n`);
      const { id, prefix } = created.record;
      session.err.write(`This is the only time the key is shown. It is ${id}, known by ${prefix}.\n`);
    }
    return EXIT.ok;
  },
});
