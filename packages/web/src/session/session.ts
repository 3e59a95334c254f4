import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type AnswerOf, ask } from "../server/ask.ts";

export type Session = AnswerOf<"session">;
export type SignedIn = Extract<Session, { state: "signed-in" }>;

export const SESSION = ["session"] as const;

/** Between two tries while the server is not there yet; on a first visit it still makes its store. */
const AWAY_MS = 2_000;

export const useSessionQuery = (): UseQueryResult<Session> =>
  useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => ask("session", { signal }),
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.status === "error" && !state.data ? AWAY_MS : false),
  });

export const SignedInSession = createContext<SignedIn | null>(null);

/** Who is signed in; only below the gate, where somebody is. */
export function useSession(): SignedIn {
  const session = useContext(SignedInSession);
  if (!session) throw new Error("used outside of the signed-in page");
  return session;
}

export const isAdmin = (session: SignedIn): boolean => session.standing.role !== "member";
