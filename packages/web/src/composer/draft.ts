/** Drafts outlive a reload of their tab, and no more: they are for nobody else on this machine. */
const keyOf = (key: string) => `arriero.draft.${key}`;

export function readDraft(key: string): string {
  try {
    return sessionStorage.getItem(keyOf(key)) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(key: string, draft: string): void {
  try {
    if (draft === "") sessionStorage.removeItem(keyOf(key));
    else sessionStorage.setItem(keyOf(key), draft);
  } catch {
    // Storage may be off or full; the draft lives as long as the page.
  }
}
