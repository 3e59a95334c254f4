declare global {
  interface Window {
    /** By address: what `public/ahead.js` asked for. */
    arrieroAhead?: Map<string, Promise<Response>>;
  }
}

/** An answer this old, in milliseconds since the navigation, may have been overtaken. */
const FRESH_MS = 5_000;

/**
 * The answer to a GET that was asked while the page's scripts were still on their way; once, and only a good one: what was
 * refused then is asked again, for somebody may have signed in since.
 */
export async function takeAhead(url: string): Promise<Response | null> {
  const asked = window.arrieroAhead?.get(url);
  if (asked === undefined) return null;
  window.arrieroAhead?.delete(url);
  if (performance.now() > FRESH_MS) return null;
  const answer = await asked.catch(() => null);
  return answer?.ok ? answer : null;
}
