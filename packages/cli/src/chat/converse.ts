import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { findServer } from "../client/find-server.ts";
import { EXIT, type ExitCode } from "../invocation/exit-code.ts";
import type { Session } from "../invocation/session.ts";
import { UsageError } from "../invocation/usage-error.ts";
import { modelFacts } from "../models/model-rows.ts";
import { openStore } from "../models/open-store.ts";
import { withPrivateServer } from "../server/private-server.ts";
import { answer, timingsLine } from "./answer.ts";
import { chatLoop } from "./chat-loop.ts";
import { type ChatSession, type ChatSettings, newSession, withTurn } from "./chat-session.ts";
import { fromModelfile, withSetting } from "./chat-setting.ts";
import { chooseModel } from "./choose-model.ts";
import { LONGEST_MESSAGE } from "./multi-line.ts";

export interface RunFlags {
  readonly _: readonly string[];
  readonly url?: string | undefined;
  readonly system?: string | undefined;
  readonly temperature?: string | undefined;
  readonly seed?: string | undefined;
  readonly "max-tokens"?: string | undefined;
  readonly "json-schema"?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly [flag: string]: unknown;
}

/** Everything piped in, up to the longest message; null on a terminal. */
async function piped(input: NodeJS.ReadStream): Promise<string | null> {
  if (input.isTTY) return null;
  let text = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > LONGEST_MESSAGE) {
      throw new ArrieroError("body_too_large", `What is piped in is more than ${LONGEST_MESSAGE} characters.`, {
        hint: "Pipe in less.",
      });
    }
  }
  return text.trim() === "" ? null : text.trimEnd();
}

async function schemaOf(file: string | undefined): Promise<ChatSession["schema"]> {
  if (file === undefined) return null;
  const path = resolve(file);
  const text = await readFile(path, "utf8").catch(() => {
    throw new ArrieroError("invalid_schema", `The schema file ${path} cannot be read.`, { hint: "Check the path." });
  });
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === "object" && schema !== null && !Array.isArray(schema)) return schema as Record<string, unknown>;
  } catch {
    // Reported below with the file's name.
  }
  throw new ArrieroError("invalid_schema", `${path} is not a JSON object.`);
}

function settingsOf(flags: RunFlags, modelfile: ChatSettings): ChatSettings {
  let settings = modelfile;
  for (const [flag, name] of [
    ["temperature", "temperature"],
    ["seed", "seed"],
    ["max-tokens", "max_tokens"],
  ] as const) {
    const value = flags[flag];
    if (value !== undefined) settings = withSetting(settings, name, value);
  }
  return settings;
}

/** `arriero run`: by the server that is named or running, else by one started for this conversation. */
export async function converse(flags: RunFlags, session: Session): Promise<ExitCode> {
  const { env, home, out } = session;
  const [named, ...words] = flags._;
  const input = process.stdin;
  const store = openStore(home);
  const model = named ?? (await chooseModel(store, input.isTTY && out.isTTY));
  if (model === null) return EXIT.interrupted;
  // What a Modelfile sets is taken over here too, so that /set shows it and can change it. Its example turns are the server's.
  const stored = await store.resolve(model.split("+")[0]!).catch(() => null);
  const start: ChatSession = {
    ...newSession(model),
    system: flags.system ?? stored?.system ?? null,
    settings: settingsOf(flags, stored === null ? {} : fromModelfile(stored.parameters)),
    schema: await schemaOf(flags["json-schema"]),
  };
  const text = await piped(input);
  const prompt = [words.join(" ").trim(), text].filter((part) => part !== null && part !== "").join("\n\n");
  if (prompt === "" && !input.isTTY)
    throw new UsageError(
      "There is nothing to ask: no prompt, and standard input is empty.",
      `arriero run ${model} "What is Arriero?"`,
    );
  const endpoint = await findServer({ url: flags.url, env, home });
  return withPrivateServer(endpoint, { flags: { ...flags, model: model.split("+")[0] }, session }, async (target) => {
    if (prompt !== "") return askOnce(withTurn(start, { role: "user", content: prompt }));
    return chatLoop(
      { session: start, verbose: flags.verbose === true },
      {
        session,
        endpoint: target,
        input,
        async describe(name) {
          const base = name.split("+")[0]!;
          const entry = await store.resolve(base);
          return modelFacts(entry, await store.describe(base), null, out);
        },
      },
    );

    async function askOnce(asked: ChatSession): Promise<ExitCode> {
      const signal = session.interruption();
      const { err, now } = session;
      const result = await answer({ endpoint: target, session: asked, out, err, signal, now });
      if (flags.verbose === true) err.write(`${err.palette.quiet(timingsLine(result.timings))}\n`);
      return result.stopped ? EXIT.interrupted : EXIT.ok;
    }
  });
}
