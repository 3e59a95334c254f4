const HERE = "http://page.invalid";
const REFUSED = "refused";

/**
 * Where on this page somebody is sent back to after a sign-in elsewhere: `wanted`, where it is a path of the page, else its
 * start. Whoever makes a link must not choose an address outside of this server, however a browser would read it.
 */
export function returnPath(wanted: string): string {
  const url = read(wanted);
  url.searchParams.delete(REFUSED);
  return pathOf(url);
}

/** The same, for somebody who was not let in: the page shows them why. */
export function refusedPath(wanted: string, why: string): string {
  const url = read(wanted);
  url.searchParams.set(REFUSED, why);
  return pathOf(url);
}

function read(wanted: string): URL {
  const start = new URL("/", HERE);
  if (!wanted.startsWith("/") || !URL.canParse(wanted, HERE)) return start;
  const url = new URL(wanted, HERE);
  // `//host` and `/\host` are other servers to a browser, and so are paths that come to such by their dots; routes of the API are no pages.
  const isOurs = url.origin === HERE && !url.pathname.startsWith("//") && !url.pathname.startsWith("/api/");
  return isOurs ? url : start;
}

const pathOf = ({ pathname, search }: URL): string => pathname + search;
