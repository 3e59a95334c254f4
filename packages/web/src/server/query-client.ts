import { QueryClient } from "@tanstack/react-query";
import { Refusal } from "./refusal.ts";

const TRIES = 2;

/** 503: the server, or its store, is only just starting. */
const PASSES = new Set([0, 503]);

/** What the server refused will be refused again; what did not reach it, or reached it too early, is tried again. */
export function makeQueryClient(): QueryClient {
  const retry = (count: number, error: Error) => error instanceof Refusal && PASSES.has(error.status) && count < TRIES;
  return new QueryClient({
    defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: true }, mutations: { retry: false } },
  });
}
