import { openStore, type Store } from "@arriero/store";
import type { Session } from "../invocation/session.ts";

/** Opening takes longer only where the embedded database is made or started: then it is said why. */
const SAY_AFTER_MS = 1_500;

/** The store of this home, or of DATABASE_URL. */
export async function withStore<T>(
  { env, err, home }: Pick<Session, "env" | "err" | "home">,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const place = env.DATABASE_URL ? { url: env.DATABASE_URL } : { folder: home.data };
  const note = setTimeout(() => err.write("preparing the database\n"), SAY_AFTER_MS);
  const store = await openStore(place).finally(() => clearTimeout(note));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
