import { ArrieroError } from "@arriero/spec";
import type { ChatSettings } from "./chat-session.ts";

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

/** The numbers that /set, flags and a Modelfile may give, with their bounds. */
export const NUMBER_SETTINGS: Readonly<Record<Exclude<keyof ChatSettings, "stop">, Range>> = {
  temperature: { least: 0, most: 10, whole: false },
  top_p: { least: 0, most: 1, whole: false },
  top_k: { least: 0, most: 1_000_000, whole: true },
  min_p: { least: 0, most: 1, whole: false },
  repeat_penalty: { least: 0.01, most: 10, whole: false },
  presence_penalty: { least: -2, most: 2, whole: false },
  frequency_penalty: { least: -2, most: 2, whole: false },
  seed: { least: 0, most: 0xffffffff, whole: true },
  max_tokens: { least: 1, most: 1_000_000, whole: true },
};

const MOST_STOPS = 16;

export const SETTING_NAMES: readonly string[] = [...Object.keys(NUMBER_SETTINGS), "stop"];

/** Ollama's names for the same. */
const OTHER_NAMES: Readonly<Record<string, string>> = { num_predict: "max_tokens" };

/** `settings` with one more; throws invalid_request for a value out of its bounds or a name that is none. */
export function withSetting(settings: ChatSettings, given: string, value: unknown): ChatSettings {
  const name = OTHER_NAMES[given] ?? given;
  if (name === "stop") {
    const stops = (Array.isArray(value) ? value : [value]).map(String).filter((text) => text !== "");
    if (stops.length > MOST_STOPS)
      throw new ArrieroError("invalid_request", `At most ${MOST_STOPS} stop sequences; these are ${stops.length}.`);
    return { ...settings, stop: stops };
  }
  if (!Object.hasOwn(NUMBER_SETTINGS, name)) {
    throw new ArrieroError("invalid_request", `"${given}" is no setting. They are ${SETTING_NAMES.join(", ")}.`, { hint: "" });
  }
  const { least, most, whole } = NUMBER_SETTINGS[name as keyof typeof NUMBER_SETTINGS];
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (!(number >= least && number <= most) || (whole && !Number.isInteger(number))) {
    const kind = whole ? "a whole number" : "a number";
    throw new ArrieroError("invalid_request", `${given} is ${kind} from ${least} to ${most}, but was "${String(value)}".`, {
      hint: "",
    });
  }
  return { ...settings, [name]: number };
}

/** The parameters of a Modelfile that a conversation can carry; what concerns loading (num_ctx, ...) is left out. */
export function fromModelfile(parameters: Readonly<Record<string, unknown>>): ChatSettings {
  let settings: ChatSettings = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (SETTING_NAMES.includes(OTHER_NAMES[name] ?? name)) settings = withSetting(settings, name, value);
  }
  return settings;
}
