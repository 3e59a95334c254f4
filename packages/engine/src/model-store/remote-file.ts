import type { HubHttp, HubRequest, HubResponse } from "./hub-http.ts";

/** One file that can be downloaded. */
export interface RemoteFile {
  /** The same for the same file in every run; names the partial download. */
  readonly key: string;
  /** Shown with the progress. */
  readonly name: string;
  /** Bytes and SHA-256 (hex) as the publisher says, where it does. */
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  /** Asks for the file, or a range of it. Any status is returned. */
  request(options: HubRequest): Promise<HubResponse>;
}

/**
 * Requests that remember where the hub sent them, so that each part of a large file does not ask the hub again.
 * A signed address expires: on any refusal the hub is asked anew.
 */
export function rememberingRedirects(
  http: HubHttp,
  ask: (options: HubRequest) => Promise<HubResponse>,
  address: string,
): RemoteFile["request"] {
  let location: string | null = null;
  return async (options) => {
    if (location !== null) {
      const answer = await http.get(location, { ...options, authorize: () => null });
      if (answer.status < 400) return answer;
      answer.body.on("error", () => undefined).destroy();
      location = null;
    }
    const answer = await ask(options);
    if (answer.status < 300 && new URL(answer.url).origin !== new URL(address).origin) location = answer.url;
    return answer;
  };
}
