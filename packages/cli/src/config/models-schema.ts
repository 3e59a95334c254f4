import { ModelEntry, ServedName } from "@arriero/spec";
import { z } from "zod";

const MOST_MODELS = 256;

/** `models:` of arriero.yaml: the models that are served by named backends, by their names. A name means one model. */
export const ModelEntries = z.record(ServedName, ModelEntry).superRefine((models, context) => {
  const names = Object.keys(models);
  if (names.length > MOST_MODELS) {
    context.addIssue({ code: "custom", message: `at most ${MOST_MODELS} models, and there are ${names.length}` });
  }
  const taken = new Set(names);
  for (const [name, { aliases }] of Object.entries(models)) {
    for (const [index, alias] of aliases.entries()) {
      if (taken.has(alias)) {
        const path = [name, "aliases", index];
        context.addIssue({ code: "custom", path, message: "another model has this name or alias, or this one has it twice" });
      }
      taken.add(alias);
    }
  }
});
