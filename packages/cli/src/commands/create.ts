import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { command } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const create = command({
  name: "create",
  summary: "Make a model from a Modelfile",
  args: {
    model: { type: "positional", required: true, description: "Name of the new model" },
    file: { type: "string", alias: "f", valueHint: "FILE", description: "The Modelfile (default: Modelfile here)" },
  },
  examples: [{ line: "arriero create brief -f Modelfile", why: "from FROM, SYSTEM, PARAMETER, TEMPLATE and ADAPTER lines" }],
  async run({ model, file }, { home, out }) {
    const path = resolve(file ?? "Modelfile");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new ArrieroError("not_found", `The Modelfile ${path} cannot be read: ${error.code ?? error.message}.`, {
        hint: "Name it with -f FILE.",
      });
    });
    const { openStore } = await import("../models/open-store.ts");
    const stored = await openStore(home).create(model, text, { baseDir: dirname(path) });
    out.write(`created ${stored.name}; \`arriero run ${stored.name}\` talks to it\n`);
    return EXIT.ok;
  },
});
