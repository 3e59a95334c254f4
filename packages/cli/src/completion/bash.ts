import type { CompletionNode } from "./describe-tree.ts";

function values(node: CompletionNode): string[] {
  return node.flags.flatMap(({ name, short, value }) => {
    if (value === null) return [];
    const pattern = [`"${node.path.join(" ")}:${name}"`, ...(short === null ? [] : [`"${node.path.join(" ")}:${short}"`])].join(
      "|",
    );
    const reply =
      value.kind === "words"
        ? `mapfile -t COMPREPLY < <(compgen -W "${value.words.join(" ")}" -- "$word")`
        : value.kind === "file"
          ? `mapfile -t COMPREPLY < <(compgen -f -- "$word")`
          : "COMPREPLY=()";
    return [`    ${pattern}) ${reply}; return ;;`];
  });
}

/** Completion for bash 4 and later: `eval "$(arriero completion bash)"`. */
export function bashCompletion(nodes: readonly CompletionNode[]): string {
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  const offers = nodes.map((node) => {
    const flags = node.flags.flatMap(({ name, short }) => (short === null ? [name] : [name, short]));
    const words = [...node.children.map(({ name }) => name), ...node.words];
    return `    "${node.path.join(" ")}") words="${words.join(" ")}"; flags="${flags.join(" ")}" ;;`;
  });
  return `# bash completion of arriero
_arriero() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at="" next index words flags
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${at:+$at }\${COMP_WORDS[index]}"
    case "$next" in ${known.join("|")}) at="$next" ;; esac
  done
  case "$at:$before" in
${nodes.flatMap(values).join("\n")}
  esac
  case "$at" in
${offers.join("\n")}
  esac
  if [[ "$word" == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word"); return; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _arriero arriero
`;
}
