export interface LedgerLimits {
  /** From a change to the batch that holds it, while there is little to write. */
  readonly flushMs: number;
  /** The same at most, however long a batch takes. */
  readonly mostFlushMs: number;
  /** Of all time, what writing may take before batches are written more seldom: a large one costs little more than a small one. */
  readonly writingShare: number;
  /** Changes of one batch. */
  readonly batch: number;
  /** Requests with changes not yet written. When they are so many, `begin` waits; what has begun may always end. */
  readonly pending: number;
  /** Between tries while the database does not answer: the first wait, doubled up to the last. */
  readonly retryMs: { readonly first: number; readonly last: number };
  /** On close, how long to try to write what is left. */
  readonly closeMs: number;
  /** Between signs of life. */
  readonly heartbeatMs: number;
  /** A gateway without a sign of life for so long is taken for dead, and its requests for lost. */
  readonly deadMs: number;
  /** Between roll-ups. */
  readonly rollUpMs: number;
  /** Rows summed up in one transaction: writers wait for it. */
  readonly rollUpRows: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  flushMs: 50,
  mostFlushMs: 500,
  writingShare: 0.05,
  batch: 5000,
  pending: 10_000,
  retryMs: { first: 100, last: 5_000 },
  closeMs: 10_000,
  heartbeatMs: 10_000,
  deadMs: 60_000,
  rollUpMs: 60_000,
  rollUpRows: 20_000,
};
