/** Where traces go, and which are told. */
export interface TracingOptions {
  /** Of the collector's traces, path included: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What all spans are from: `service.name` and more. */
  readonly resource: Readonly<Record<string, string>>;
  /** Of the traces that begin here, from 0 to 1: the share that is told. A caller's own trace is told as the caller says. */
  readonly share: number;
}
