export interface ListenAddress {
  readonly host: string;
  readonly port: number | null;
}

/** `host`, `host:port`, `v6`, `[v6]:port`, each perhaps as `http://...`; null where it is none of these. */
export function parseListenAddress(text: string): ListenAddress | null {
  const bare = text.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const match =
    /^\[(?<host>[\da-f:.]+)\](?::(?<port>\d{1,5}))?$/i.exec(bare) ??
    /^(?<host>[\da-f]*:[\da-f.]*:[\da-f:.]*)$/i.exec(bare) ??
    /^(?<host>[\w.-]+)(?::(?<port>\d{1,5}))?$/.exec(bare);
  const host = match?.groups?.host;
  const port = match?.groups?.port;
  return host === undefined ? null : { host, port: port === undefined ? null : Number(port) };
}

/** True for an address that only this machine can reach: the gateway's rule, without loading the gateway. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
