import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const pull = command({
  name: "pull",
  summary: "Get a model; a pull that was cut continues where it stopped",
  args: {
    reference: {
      type: "positional",
      required: true,
      description: "hf:ORG/REPO[:QUANT|FILE], ollama:NAME[:TAG], https://…/file.gguf or the path of a file",
    },
    name: { type: "string", valueHint: "NAME", description: "Name to serve it under (default: from the reference)" },
    ...JSON_ARG,
  },
  examples: [
    { line: "arriero pull hf:ggml-org/models:tinyllamas/stories260K.gguf", why: "one file of a Hugging Face repository" },
    { line: "arriero pull ./model.gguf --name mine", why: "a file that is here already" },
  ],
  async run({ reference, name, json }, { err, home, interruption, now, out }) {
    const signal = interruption();
    const { openStore } = await import("../models/open-store.ts");
    const { pullLine, pullLines, RateMeter } = await import("../models/pull-view.ts");
    const { bytes } = await import("../terminal/units.ts");
    const { LiveRegion } = await import("../terminal/live-region.ts");
    const region = new LiveRegion(err, now);
    const meter = new RateMeter();
    let tick = 0;
    let resumed = false;
    try {
      const stored = await openStore(home).pull(reference, {
        signal,
        ...(name === undefined ? {} : { name }),
        onProgress(progress) {
          if (progress.resumedBytes > 0 && !resumed) {
            resumed = true;
            const note = `continuing after ${bytes(progress.resumedBytes)}`;
            region.finish([note], note);
          }
          const moment = { progress, rate: meter.read(progress, now()), tick: tick++ };
          region.update(
            () => pullLines(moment, err),
            () => pullLine(moment),
          );
        },
      });
      region.finish([], "");
      if (json) out.write(`${JSON.stringify(stored)}\n`);
      else out.write(`pulled ${stored.name}; \`arriero run ${stored.name}\` talks to it\n`);
      return EXIT.ok;
    } catch (thrown) {
      region.finish([], "");
      if (!signal.aborted) throw thrown;
      err.write("stopped; the same command continues where it stopped\n");
      return EXIT.interrupted;
    }
  },
});
