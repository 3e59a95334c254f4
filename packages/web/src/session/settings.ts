import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, type BodyOf } from "../server/ask.ts";
import { SESSION, type Session, type SignedIn } from "./session.ts";
import { applyTheme } from "./theme.ts";

/** Changes one's own choices; the page follows at once, and goes back where the server refuses. */
export function useChangeSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyOf<"changeSettings">) => ask("changeSettings", { body }),
    onMutate: (wanted) => {
      const before = client.getQueryData<Session>(SESSION);
      if (wanted.theme) applyTheme(wanted.theme);
      if (before?.state === "signed-in") {
        const next: SignedIn = { ...before, settings: { ...before.settings, ...definedOf(wanted) } };
        client.setQueryData(SESSION, next);
      }
      return before;
    },
    onError: (_error, _wanted, before) => {
      if (before) client.setQueryData(SESSION, before);
    },
  });
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function definedOf<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
