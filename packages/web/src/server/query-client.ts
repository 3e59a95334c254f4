import { QueryClient } from "@tanstack/react-query";
import { Refusal } from "./refusal.ts";

const TRIES = 2;

/** What the server refused will be refused again; what did not reach it is tried again. */
export function makeQueryClient(): QueryClient {
  const retry = (count: number, error: Error) => error instanceof Refusal && error.code === "offline" && count < TRIES;
  return new QueryClient({
    defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: true }, mutations: { retry: false } },
  });
}
