import type { KeyScope } from "./api-key.ts";

/** Whether the scope names `model`: exactly, or by a pattern in which `*` stands for any characters, also none. */
export function allowsModel(scope: Pick<KeyScope, "models">, model: string): boolean {
  return scope.models === null || scope.models.some((pattern) => matches(pattern, model));
}

/** Each piece is searched after the one before, so the time is bounded by the product of the lengths. */
function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return name === pattern;
  const last = rest.pop()!;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= end;
}
