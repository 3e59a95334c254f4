import { createInterface } from "node:readline";
import { ArrieroError } from "@arriero/spec";
import { call, type Endpoint } from "../client/endpoint.ts";
import { EXIT, type ExitCode } from "../invocation/exit-code.ts";
import { reportError } from "../invocation/report-error.ts";
import type { Session } from "../invocation/session.ts";
import { facts } from "../terminal/table.ts";
import { answer, timingsLine } from "./answer.ts";
import { type ChatSession, withoutLastTurn, withTurn } from "./chat-session.ts";
import { SETTING_NAMES, withSetting } from "./chat-setting.ts";
import { MOST_HISTORY, readHistory, writeHistory } from "./history-file.ts";
import { takeLine } from "./multi-line.ts";
import { loadChat, saveChat } from "./saved-chat.ts";
import { parseSlashCommand, SLASH_COMMANDS, type SlashCommand } from "./slash-command.ts";

/** The conversation and how it is shown. */
export interface ChatState {
  readonly session: ChatSession;
  /** Timings under each answer. */
  readonly verbose: boolean;
}

export interface ChatWorld {
  readonly session: Session;
  readonly endpoint: Endpoint;
  readonly input: NodeJS.ReadStream;
  /** Facts of a model for /show; throws model_not_found. */
  describe(model: string): Promise<string>;
}

/** Talks until the user leaves. Ctrl-C stops an answer, or clears the line; twice on an empty line it leaves. */
export async function chatLoop(start: ChatState, world: ChatWorld): Promise<ExitCode> {
  const { err, home, out } = world.session;
  const history = await readHistory(home.history);
  const lines = createInterface({
    input: world.input,
    output: process.stdout,
    history,
    historySize: MOST_HISTORY,
    removeHistoryDuplicates: true,
    prompt: out.palette.accent("> "),
    completer: (line: string) => [
      SLASH_COMMANDS.map(([usage]) => usage.split(" ")[0]!).filter((each) => each.startsWith(line)),
      line,
    ],
  });
  let newest: readonly string[] = history;
  lines.on("history", (list) => {
    newest = list;
  });
  let state = start;
  let open: string | null = null;
  let answering: AbortController | null = null;
  let leaving = false;
  out.write(`${out.palette.strong(state.session.model)} ${out.palette.quiet("· /help for commands, Ctrl-D to leave")}\n\n`);
  lines.on("SIGINT", () => {
    if (answering !== null) return answering.abort(new Error("stopped by the user"));
    if (lines.line !== "" || open !== null) {
      open = null;
      lines.write(null, { ctrl: true, name: "u" });
      lines.write(null, { ctrl: true, name: "k" });
      leaving = false;
    } else if (leaving) return lines.close();
    else {
      leaving = true;
      out.write(`\n${out.palette.quiet("Ctrl-C again, Ctrl-D or /bye leaves.")}`);
    }
    out.write("\n");
    prompt();
  });
  const prompt = () => {
    lines.setPrompt(open === null ? out.palette.accent("> ") : out.palette.quiet("… "));
    lines.prompt();
  };
  prompt();
  for await (const line of lines) {
    leaving = false;
    const command = open === null ? parseSlashCommand(line) : null;
    if (command?.kind === "bye") break;
    try {
      if (command !== null) state = await obey(command, state, world);
      else {
        const typed = takeLine(open, line);
        open = typed.kind === "more" ? typed.text : null;
        if (typed.kind === "message") {
          answering = new AbortController();
          state = await ask(typed.text, state, world, answering.signal);
        }
      }
    } catch (thrown) {
      reportError(thrown, err, Boolean(world.session.env.ARRIERO_DEBUG));
      out.write("\n");
    } finally {
      answering = null;
    }
    prompt();
  }
  lines.close();
  await writeHistory(home.history, newest);
  if (out.isTTY) out.write("\n");
  return EXIT.ok;
}

/** Asks, shows the answer, and gives the conversation with both; a question that failed is forgotten. */
async function ask(text: string, state: ChatState, world: ChatWorld, signal: AbortSignal): Promise<ChatState> {
  const { err, now, out } = world.session;
  const asked = withTurn(state.session, { role: "user", content: text });
  out.write("\n");
  const result = await answer({ endpoint: world.endpoint, session: asked, out, err, signal, now });
  if (state.verbose) out.write(`${out.palette.quiet(timingsLine(result.timings))}\n`);
  out.write("\n");
  if (result.text === "") return { ...state, session: withoutLastTurn(result.session) };
  return { ...state, session: withTurn(result.session, { role: "assistant", content: result.text }) };
}

async function obey(command: SlashCommand, state: ChatState, world: ChatWorld): Promise<ChatState> {
  const { home, out } = world.session;
  const { session } = state;
  const say = (text: string) => out.write(`${text}\n\n`);
  switch (command.kind) {
    case "help":
      say(
        `${facts(SLASH_COMMANDS, out.palette)}\n${out.palette.quiet('""" begins and ends a message of several lines. Ctrl-C stops an answer.')}`,
      );
      return state;
    case "clear":
      say(out.palette.quiet("A new conversation."));
      return { ...state, session: { ...session, turns: [] } };
    case "show":
      say(await world.describe(session.model));
      return state;
    case "settings":
      say(settingsText(state, world));
      return state;
    case "set":
      return set(command.name, command.value, state);
    case "model":
      if (command.name === null) say(session.model);
      else await call(world.endpoint, `/v1/models/${encodeURIComponent(command.name)}`);
      return command.name === null ? state : { ...state, session: { ...session, model: command.name } };
    case "save":
      await saveChat(home, command.name, session);
      say(out.palette.quiet(`Kept. /load ${command.name} goes on with it.`));
      return state;
    case "load": {
      const loaded = await loadChat(home, command.name);
      say(out.palette.quiet(`${loaded.turns.length} turns with ${loaded.model}.`));
      return { ...state, session: loaded };
    }
    case "unknown":
      throw new ArrieroError("invalid_request", command.message, { hint: "" });
    case "bye":
      return state;
    default:
      return command satisfies never;
  }
}

function set(name: string, value: string, state: ChatState): ChatState {
  const { session } = state;
  if (name === "verbose") return { ...state, verbose: value !== "off" && value !== "false" };
  if (name === "system") return { ...state, session: { ...session, system: value === "" ? null : value } };
  return { ...state, session: { ...session, settings: withSetting(session.settings, name, value) } };
}

function settingsText({ session, verbose }: ChatState, world: ChatWorld): string {
  const known = new Map<string, unknown>(Object.entries(session.settings));
  const pairs = SETTING_NAMES.map((name) => [name, known.has(name) ? JSON.stringify(known.get(name)) : "default"] as const);
  const rest = [
    ["system", session.system ?? "none"],
    ["verbose", verbose ? "on" : "off"],
  ] as const;
  return facts([...pairs, ...rest], world.session.out.palette);
}
