/** Headers of an answer streamed as server-sent events. `X-Accel-Buffering` keeps nginx from holding frames back. */
export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;
