import type { ChatMessage, page } from "@arriero/spec";

export interface PromptParts {
  readonly system: string;
  /** The branch above the answer, first one first, ending with the question. */
  readonly turns: readonly page.Message[];
  /** Texts of files by message. */
  readonly files: ReadonlyMap<string, readonly { readonly name: string; readonly text: string }[]>;
  /** What was left out already; null: nothing. */
  readonly dropped: page.Dropped | null;
}

/**
 * What the model is given of a branch. A turn's messages are a function of that turn alone, so the prompt of the next turn
 * begins with the very bytes of this one. Two questions in a row, as an answer that failed leaves them, are one message:
 * most templates want the roles to take turns.
 */
export function promptOf({ dropped, files, system, turns }: PromptParts): ChatMessage[] {
  const messages: ChatMessage[] = system === "" ? [] : [{ role: "system", content: system }];
  for (const turn of turns.slice(indexOf(turns, dropped))) {
    if (turn.role === "assistant") {
      if (turn.text !== "") messages.push({ role: "assistant", content: turn.text });
      continue;
    }
    const content = [...(files.get(turn.id) ?? []).map(({ name, text }) => `File ${JSON.stringify(name)}:\n${text}`), turn.text]
      .filter((part) => part !== "")
      .join("\n\n");
    const before = messages.at(-1);
    if (before?.role === "user") messages[messages.length - 1] = { role: "user", content: `${before.content}\n\n${content}` };
    else messages.push({ role: "user", content });
  }
  return messages;
}

/** Where the branch was cut when its latest answer was written: later turns begin there too. */
export function inheritedCut(turns: readonly page.Message[]): page.Dropped | null {
  return turns.findLast((turn) => turn.dropped !== null)?.dropped ?? null;
}

/**
 * The next cut, where the prompt is too long: half of what is left goes, at a question, so that many turns fit again before
 * the next one and their prompts begin alike. null: there is nothing left to leave out but the question itself.
 */
export function cutFurther(turns: readonly page.Message[], dropped: page.Dropped | null): page.Dropped | null {
  const from = indexOf(turns, dropped);
  const middle = from + Math.ceil((turns.length - from) / 2);
  for (let index = Math.max(middle, from + 1); index < turns.length; index++) {
    const turn = turns[index]!;
    if (turn.role === "user") return { messages: index, keptFrom: turn.id };
  }
  return null;
}

function indexOf(turns: readonly page.Message[], dropped: page.Dropped | null): number {
  if (dropped === null) return 0;
  return Math.max(
    0,
    turns.findIndex(({ id }) => id === dropped.keptFrom),
  );
}
