/**
 * Who asks: the other end of the connection, or where `proxies` stand in front of this server, whom the outermost of them has
 * seen. Each appends to `X-Forwarded-For` what it sees; what stands further left anybody may have written there.
 */
export function clientAddress(peer: string, forwarded: string | readonly string[] | undefined, proxies: number): string {
  if (proxies === 0 || forwarded === undefined) return peer;
  const seen = String(forwarded).split(",");
  // Fewer than there are proxies: it came past one of them.
  return (seen.at(-proxies)?.trim() ?? "").slice(0, LONGEST) || peer;
}

/** An IPv6 address with its zone. */
const LONGEST = 64;
