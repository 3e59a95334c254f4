/** Images that one request may ask for. */
export const MOST_IMAGES = 10;

/** A request for images in OpenAI's words. No engine of ours makes any, so there are no words of our own for it. */
export interface ImageRequest {
  readonly id: string;
  /** As served here; "" where the caller named none. */
  readonly model: string;
  readonly n: number;
  /** The body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ImageResult {
  /** The answer as it came: `data` holds `url` or `b64_json` of each image. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Tokens, where the backend counts them. */
  readonly promptTokens: number;
  readonly completionTokens: number;
}
