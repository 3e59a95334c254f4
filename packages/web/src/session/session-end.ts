/** Those who want to know that the server no longer takes this browser's cookie: it ran out, or somebody ended it. */
const listeners = new Set<() => void>();

export const tellSessionEnd = (): void => {
  for (const listener of [...listeners]) listener();
};

export function whenSessionEnds(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
