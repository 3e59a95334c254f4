/** Every bound of the gateway. Milliseconds and bytes unless said otherwise; docs/operations.md lists them. */
export interface GatewayLimits {
  /** Largest request body. */
  readonly bodyBytes: number;
  /** From the connection's first byte to the last header. */
  readonly headersMs: number;
  /** From the last header to the body's last byte. */
  readonly requestMs: number;
  /** An idle connection is kept this long. */
  readonly keepAliveMs: number;
  /** Connections at once; further ones are dropped. */
  readonly connections: number;
  /** Inference requests at once; further ones are refused with queue_full. */
  readonly requests: number;
  /** A model that is not ready may take this long to become so, for one request. */
  readonly loadMs: number;
  /** From sending a request to a replica to its first event: the replica's queue and the prompt included. */
  readonly firstEventMs: number;
  /** Between two events of a replica; a stream silent for longer is continued on another. */
  readonly idleMs: number;
  /** A caller who reads nothing for this long is cut. */
  readonly slowReaderMs: number;
  /** From a break to the continuation's first event, all its attempts together. */
  readonly continueMs: number;
  /** Breaks in a row without a new token in between, first one included. A count. */
  readonly continueAttempts: number;
  /** Breaks of one request altogether. A count. */
  readonly continueBreaks: number;
  /** A request without a first token for so long is sent to a second upstream too; 0: never. */
  readonly hedgeMs: number;
  /** Requests of a hundred that may be, over time. A count. */
  readonly hedgePercent: number;
  /** The store of keys and usage may take this long to answer, its opening included, for one request. */
  readonly storeMs: number;
  /** On close, running requests may take this long to finish. */
  readonly drainMs: number;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  bodyBytes: 32 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 15_000,
  connections: 4096,
  requests: 1024,
  loadMs: 120_000,
  firstEventMs: 300_000,
  idleMs: 60_000,
  slowReaderMs: 30_000,
  continueMs: 30_000,
  continueAttempts: 3,
  continueBreaks: 64,
  hedgeMs: 0,
  hedgePercent: 5,
  storeMs: 10_000,
  drainMs: 30_000,
};
