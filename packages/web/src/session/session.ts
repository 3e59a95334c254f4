import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type AnswerOf, ask } from "../server/ask.ts";

export type Session = AnswerOf<"session">;
export type SignedIn = Extract<Session, { state: "signed-in" }>;

export const SESSION = ["session"] as const;

export const useSessionQuery = (): UseQueryResult<Session> =>
  useQuery({ queryKey: SESSION, queryFn: ({ signal }) => ask("session", { signal }), staleTime: 60_000 });

export const SignedInSession = createContext<SignedIn | null>(null);

/** Who is signed in; only below the gate, where somebody is. */
export function useSession(): SignedIn {
  const session = useContext(SignedInSession);
  if (!session) throw new Error("used outside of the signed-in page");
  return session;
}

export const isAdmin = (session: SignedIn): boolean => session.standing.role !== "member";
