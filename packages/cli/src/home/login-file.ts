import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HomeFolder } from "./home-folder.ts";
import { writePrivate } from "./private-file.ts";

/** A server that somebody let this command line into, and the key that it was given. */
export interface Login {
  readonly url: string;
  readonly key: string;
  readonly email: string;
}

export const loginPath = (home: HomeFolder): string => join(home.keys, "logins.json");

/** The logins of this home; none where there is no file, or a damaged one. */
export async function readLogins(home: HomeFolder): Promise<readonly Login[]> {
  const text = await readFile(loginPath(home), "utf8").catch(() => "[]");
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isLogin) : [];
  } catch {
    return [];
  }
}

/** One login a server: a later one takes the place of an earlier. */
export async function keepLogin(home: HomeFolder, login: Login): Promise<void> {
  await write(home, [...(await readLogins(home)).filter(({ url }) => url !== login.url), login]);
}

export async function forgetLogin(home: HomeFolder, url: string): Promise<void> {
  await write(
    home,
    (await readLogins(home)).filter((login) => login.url !== url),
  );
}

const write = (home: HomeFolder, logins: readonly Login[]): Promise<void> =>
  writePrivate(loginPath(home), `${JSON.stringify(logins)}\n`);

function isLogin(value: unknown): value is Login {
  if (typeof value !== "object" || value === null) return false;
  const { email, key, url } = value as Record<string, unknown>;
  return typeof url === "string" && typeof key === "string" && typeof email === "string";
}
