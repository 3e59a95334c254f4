import type { CompletionNode } from "./describe-tree.ts";

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** True in fish while exactly the words of `path` have been given as commands. */
function condition(node: CompletionNode): string {
  if (node.path.length === 0) return "__fish_use_subcommand";
  const seen = `__fish_seen_subcommand_from ${node.path.at(-1)}`;
  const children = node.children.map(({ name }) => name).join(" ");
  return children === "" ? seen : `${seen}; and not __fish_seen_subcommand_from ${children}`;
}

function lines(node: CompletionNode): string[] {
  const when = `complete -c arriero -n ${quoted(condition(node))}`;
  return [
    ...node.children.map(({ name, summary }) => `${when} -f -a ${name} -d ${quoted(summary)}`),
    ...node.words.map((word) => `${when} -f -a ${word}`),
    ...node.flags.map(({ name, short, summary, value }) => {
      const short1 = short === null ? "" : ` -s ${short.slice(1)}`;
      const needs =
        value === null
          ? ""
          : value.kind === "words"
            ? ` -x -a ${quoted(value.words.join(" "))}`
            : value.kind === "file"
              ? " -r -F"
              : " -x";
      return `${when} -l ${name.slice(2)}${short1}${needs} -d ${quoted(summary)}`;
    }),
  ];
}

/** Completion for fish: `arriero completion fish | source`. */
export function fishCompletion(nodes: readonly CompletionNode[]): string {
  return `# fish completion of arriero\n${nodes.flatMap(lines).join("\n")}\n`;
}
