import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../controls/button.tsx";
import { Problem } from "../controls/notice.tsx";
import { browserLanguage, LanguageProvider, useText } from "../language/language.tsx";
import { SESSION, type Session, SignedInSession, useSessionQuery } from "../session/session.ts";
import { whenSessionEnds } from "../session/session-end.ts";
import { applyTheme } from "../session/theme.ts";
import { explain } from "./account-form.tsx";
import { AcceptInvitation, ResetPassword } from "./by-link.tsx";
import { Door } from "./door.tsx";
import { FirstVisit } from "./first-visit.tsx";
import { SignIn } from "./sign-in.tsx";

const chosenLanguage = (session: Session | undefined) =>
  session?.state === "signed-in" && session.settings.language !== "auto"
    ? session.settings.language
    : browserLanguage(navigator.languages);

/** Shows the page to whoever is signed in, and to anyone else the way in. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session, error, refetch } = useSessionQuery();
  const theme = session?.state === "signed-in" ? session.settings.theme : null;
  useEffect(() => {
    if (theme !== null) applyTheme(theme);
  }, [theme]);
  return (
    <LanguageProvider wanted={chosenLanguage(session)}>
      {session ? (
        <Threshold session={session}>{children}</Threshold>
      ) : error ? (
        <Away error={error} onRetry={() => void refetch()} />
      ) : (
        <Waiting />
      )}
    </LanguageProvider>
  );
}

function Threshold({ session, children }: { session: Session; children: ReactNode }) {
  const client = useQueryClient();
  const [ended, setEnded] = useState(false);
  // The address stays as it is, so that whoever signs in again is where they were.
  useEffect(
    () =>
      whenSessionEnds(() => {
        if (client.getQueryData<Session>(SESSION)?.state !== "signed-in") return;
        setEnded(true);
        void client.invalidateQueries({ queryKey: SESSION });
      }),
    [client],
  );
  const enter = async () => {
    setEnded(false);
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
    await client.invalidateQueries({ queryKey: SESSION });
  };
  const toStart = async () => {
    history.replaceState(null, "", "/");
    await enter();
  };
  if (location.pathname === "/invitation") return <AcceptInvitation onIn={toStart} />;
  if (location.pathname === "/reset") return <ResetPassword onDone={() => void toStart()} />;
  switch (session.state) {
    case "first-visit":
      return <FirstVisit wantsToken={session.wantsToken} onIn={enter} />;
    case "signed-out":
      return location.pathname.startsWith("/shared/") ? children : <SignIn session={session} ended={ended} onIn={enter} />;
    case "signed-in":
      return <SignedInSession value={session}>{children}</SignedInSession>;
    default:
      session satisfies never;
      return null;
  }
}

/** A session that is there at once is not announced. */
const PATIENCE_MS = 600;

function Waiting() {
  const { common } = useText();
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return long ? <Door title={common.opening} line={common.openingTeach} /> : null;
}

function Away({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const words = useText();
  return (
    <Door title="Arriero">
      <Problem action={<Button onClick={onRetry}>{words.common.again}</Button>}>{explain(error, words.common)}</Problem>
    </Door>
  );
}
