/** Single-character insertions, deletions, substitutions and neighbour swaps between two words. */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = rows[row - 1]![column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      let least = Math.min(rows[row - 1]![column]! + 1, line[column - 1]! + 1, substitution);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) least = Math.min(least, rows[row - 2]![column - 2]! + 1);
      line.push(least);
    }
    rows.push(line);
  }
  return rows[from.length]![to.length]!;
}

/** The known word nearest to what was typed: a longer form of it, or within a third of its length in edits; null when none is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  const limit = Math.max(1, Math.ceil(typed.length / 3));
  let best: string | null = null;
  let least = limit + 1;
  for (const word of known) {
    const distance = typed.length >= 2 && word.startsWith(typed) ? 1 : editDistance(typed, word);
    if (distance < least) {
      best = word;
      least = distance;
    }
  }
  return best;
}
