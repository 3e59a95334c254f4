import { get } from "node:http";

/** Whether the replica at `url` answers GET /health with 200 in time. */
export type ProbeHealth = (url: string, timeoutMs: number) => Promise<boolean>;

export const probeHealth: ProbeHealth = (url, timeoutMs) =>
  new Promise((resolve) => {
    const request = get(new URL("/health", url), { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("error", () => resolve(false));
  });
