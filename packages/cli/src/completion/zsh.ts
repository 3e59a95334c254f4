import type { CompletionFlag, CompletionNode } from "./describe-tree.ts";

/** Text inside a single-quoted _arguments spec. */
function escaped(text: string): string {
  return text.replace(/'/g, "’").replace(/[[\]:\\]/g, "\\$&");
}

function argument({ name, short, summary, value }: CompletionFlag): string {
  const names = short === null ? name : `(${short} ${name})'{${short},${name}}'`;
  const action =
    value === null
      ? ""
      : value.kind === "words"
        ? `:value:(${value.words.join(" ")})`
        : value.kind === "file"
          ? ":file:_files"
          : ":value: ";
  return `'${names}[${escaped(summary)}]${action}'`;
}

function functionName(path: readonly string[]): string {
  return ["_arriero", ...path].join("_");
}

function body(node: CompletionNode): string {
  const flags = node.flags.map(argument);
  if (node.children.length === 0) {
    const rest = node.words.length > 0 ? `'1:word:(${node.words.join(" ")})'` : "'*:file:_files'";
    return `${functionName(node.path)}() {\n  _arguments -s \\\n    ${[...flags, rest].join(" \\\n    ")}\n}`;
  }
  const list = node.children.map(({ name, summary }) => `    '${name}:${escaped(summary)}'`).join("\n");
  const cases = node.children.map(({ name }) => `        ${name}) ${functionName([...node.path, name])} ;;`).join("\n");
  return `${functionName(node.path)}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${list}
  )
  _arguments -s -C \\
    ${[...flags, "'1:command:->command'", "'*::argument:->argument'"].join(" \\\n    ")}
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
}

/** Completion for zsh: a file `_arriero` on the fpath, or `source <(arriero completion zsh)`. */
export function zshCompletion(nodes: readonly CompletionNode[]): string {
  const bodies = nodes.map(body).join("\n\n");
  return `#compdef arriero\n${bodies}\n\nif [ "$funcstack[1]" = "_arriero" ]; then _arriero "$@"; else compdef _arriero arriero; fi\n`;
}
