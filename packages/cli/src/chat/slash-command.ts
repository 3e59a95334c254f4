import { nearest } from "../invocation/suggestion.ts";

/** What a line that begins with `/` asks for. */
export type SlashCommand =
  | { readonly kind: "help" | "clear" | "show" | "bye" | "settings" }
  | { readonly kind: "set"; readonly name: string; readonly value: string }
  | { readonly kind: "model"; readonly name: string | null }
  | { readonly kind: "save" | "load"; readonly name: string }
  | { readonly kind: "unknown"; readonly message: string };

/** [what is typed, what it does], as /help shows them. */
export const SLASH_COMMANDS: readonly (readonly [string, string])[] = [
  ["/set NAME VALUE", "change temperature, top_p, seed, max_tokens, stop, system, verbose, …"],
  ["/show", "what this model is"],
  ["/model [NAME]", "talk to another model; alone, name this one"],
  ["/clear", "begin again, keeping settings"],
  ["/save NAME", "keep this conversation"],
  ["/load NAME", "go on with a kept one"],
  ["/help", "this list"],
  ["/bye", "leave; Ctrl-D does too"],
];

const NAMES = SLASH_COMMANDS.map(([usage]) => usage.split(" ")[0]!);

/** A value in quotes is what stands between them. */
function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text.trim());
  return match === null ? text.trim() : match[2]!;
}

/** Reads a line that begins with `/`; null where it is no command but something to say: a path, `/ etc`. */
export function parseSlashCommand(line: string): SlashCommand | null {
  const match = /^\/([a-z?]+)(?:\s+(.*))?$/s.exec(line.trim());
  if (match === null) return null;
  const [, word = "", rest = ""] = match;
  const value = rest.trim();
  switch (word) {
    case "help":
    case "?":
      return { kind: "help" };
    case "clear":
      return { kind: "clear" };
    case "show":
      return { kind: "show" };
    case "bye":
    case "exit":
    case "quit":
      return { kind: "bye" };
    case "model":
      return { kind: "model", name: value === "" ? null : value };
    case "save":
    case "load":
      if (!/^[\w.-]{1,64}$/.test(value) || /^\.+$/.test(value)) {
        return { kind: "unknown", message: `/${word} wants a name of letters, digits, dots and dashes, but got "${value}".` };
      }
      return { kind: word, name: value };
    case "set": {
      if (value === "") return { kind: "settings" };
      const [, name = "", text = ""] = /^(\S+)(?:\s+(.*))?$/s.exec(value) ?? [];
      return { kind: "set", name, value: unquoted(text) };
    }
    default: {
      const near = nearest(`/${word}`, NAMES);
      return {
        kind: "unknown",
        message: `/${word} is no command.${near === null ? " /help lists them." : ` Did you mean ${near}?`}`,
      };
    }
  }
}
