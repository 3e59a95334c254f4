import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** One thing wrong with the configuration, with where it stands. */
export interface ConfigProblem {
  /** `arriero.yaml:3:7`, `ARRIERO_PORT`, `--port`. */
  readonly where: string;
  readonly message: string;
}

export interface YamlSource {
  readonly name: string;
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** `file:line:column` of the deepest node there is on this path. */
  locate(path: readonly PropertyKey[]): string;
  has(path: readonly PropertyKey[]): boolean;
}

/** Reads YAML 1.2 text. Syntax errors, duplicate keys and alias bombs are problems, all of them reported. */
export function readYaml(text: string, name: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const problems: ConfigProblem[] = [...document.errors, ...document.warnings].map((error) => ({
    where: at(error.pos[0]),
    message: error.message,
  }));
  let value: unknown = null;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: 100 }) as unknown;
    } catch (error) {
      problems.push({ where: name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return {
    name,
    value,
    problems,
    locate(path) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const step of path) {
        if (isSeq(node) && typeof step === "number") {
          const item: unknown = node.items[step];
          if (!isNode(item)) break;
          if (item.range) offset = item.range[0];
          node = item;
          continue;
        }
        if (!isMap(node)) break;
        const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
        if (pair === undefined) break;
        if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
        node = pair.value;
      }
      return at(offset);
    },
    has: (path) => problems.length === 0 && document.hasIn(path),
  };
}
