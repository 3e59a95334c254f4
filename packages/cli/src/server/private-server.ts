import type { Endpoint } from "../client/endpoint.ts";
import { loadConfig } from "../config/load-config.ts";
import { newKey } from "../home/key-file.ts";
import type { Session } from "../invocation/session.ts";
import { shuttle } from "../terminal/band.ts";
import { LiveRegion } from "../terminal/live-region.ts";

const FRAME_MS = 80;
const BAND_CELLS = 24;

export interface PrivateServerOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly session: Session;
}

/**
 * Does `work` by the server at `found`; where there is none, by one that lives in this process as long as the work
 * lasts, on a port of the system's choice and with a key that nobody else has.
 */
export async function withPrivateServer<T>(
  found: Endpoint | null,
  { flags, session }: PrivateServerOptions,
  work: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  if (found !== null) return work(found);
  const { env, err, home, now } = session;
  const { openLog } = await import("./server-log.ts");
  const { startServer } = await import("./start-server.ts");
  const config = {
    ...(await loadConfig(flags, { ...env, ARRIERO_HOST: undefined, ARRIERO_PORT: undefined }, home)),
    host: "127.0.0.1",
    port: 0,
  };
  const log = openLog(home, config.logLevel, err);
  const server = await startServer({ config, home, env, log, onlyKey: newKey() });
  const region = new LiveRegion(err, now);
  let tick = 0;
  const frames = setInterval(() => {
    if (err.isTTY)
      region.update(
        () => [`${shuttle(tick++, BAND_CELLS, err)}  ${err.palette.quiet(`loading ${config.model}`)}`],
        () => "",
      );
  }, FRAME_MS);
  try {
    await server.ready;
    clearInterval(frames);
    if (tick > 0) err.write("\r\u001b[K\u001b[?25h");
    return await work({ url: server.url, key: server.key });
  } finally {
    clearInterval(frames);
    await server.close();
  }
}
