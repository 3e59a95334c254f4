import { AsyncLocalStorage } from "node:async_hooks";

/** Headers that tell a backend which trace its request belongs to, as W3C Trace Context names them. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** Made with the first request that is traced. */
let outgoing: AsyncLocalStorage<TraceHeaders> | null = null;

/** null: nothing is traced. */
export const traceHeaders = (): TraceHeaders | null => outgoing?.getStore() ?? null;

/** Does `work`; requests to backends that it begins carry these headers. */
export function withTraceHeaders<T>(headers: TraceHeaders, work: () => T): T {
  outgoing ??= new AsyncLocalStorage();
  return outgoing.run(headers, work);
}
