/** Headers of a streamed answer. `X-Accel-Buffering` keeps nginx from holding lines back. */
export const NDJSON_HEADERS = {
  "content-type": "application/x-ndjson",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;
