import { CONFIG_ARGS, ENGINE_ARGS, SERVER_ARGS } from "../config/config-args.ts";
import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const configCheck = command({
  name: "check",
  summary: "Print the effective configuration and where each value came from, or everything that is wrong",
  args: {
    file: { type: "positional", required: false, description: "Configuration file (default: arriero.yaml here, then in HOME)" },
    ...CONFIG_ARGS,
    ...SERVER_ARGS,
    ...ENGINE_ARGS,
    ...JSON_ARG,
  },
  examples: [{ line: "ARRIERO_PORT=9000 arriero config check", why: "see what a variable changes" }],
  async run(args, { env, err, home, out }) {
    const { combineConfig, findConfigFile } = await import("../config/load-config.ts");
    const { missingCredentials } = await import("../config/missing-credentials.ts");
    const { table } = await import("../terminal/table.ts");
    const file = await findConfigFile(args.file ?? args.config ?? (env.ARRIERO_CONFIG || undefined), home);
    const loaded = combineConfig({ flags: args, env, file });
    const notes = loaded.ok ? missingCredentials(loaded.config.models, env) : [];
    if (args.json) {
      out.write(`${JSON.stringify({ file: file?.name ?? null, home: home.path, ...loaded, notes })}\n`);
      return loaded.ok ? EXIT.ok : EXIT.failure;
    }
    if (!loaded.ok) {
      for (const { where, message } of loaded.problems) err.write(`${err.palette.accent(where)}  ${message}\n`);
      err.write(`${loaded.problems.length} ${loaded.problems.length === 1 ? "problem" : "problems"}\n`);
      return EXIT.failure;
    }
    const rows = loaded.settings.map(({ key, value, from }) => [key, JSON.stringify(value), from]);
    const columns = [{ title: "KEY" }, { title: "VALUE", shrinkTo: 12 }, { title: "FROM", shrinkTo: 12 }];
    out.write(`${table(columns, rows, { width: out.columns(), palette: out.palette })}\n\n`);
    out.write(out.palette.quiet(`file ${file?.name ?? "none"}, home ${home.path}\n`));
    for (const { where, message } of notes) err.write(`${err.palette.accent(where)}  ${message}\n`);
    return EXIT.ok;
  },
});
