/** Log probability of one token among all, natural log. */
export interface Scored {
  readonly token: number;
  readonly logprob: number;
}

/** Log softmax of raw logits at `token` and at the `top` likeliest tokens, likeliest first. */
export function logProbabilities(
  logits: Float32Array,
  token: number,
  top: number,
): { readonly logprob: number; readonly top: Scored[] } {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > max) max = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - max);
  const normaliser = max + Math.log(total);
  const best: Scored[] = [];
  if (top > 0) {
    for (let candidate = 0; candidate < logits.length; candidate++) {
      const logit = logits[candidate] as number;
      if (best.length === top && logit <= (best[top - 1] as Scored).logprob) continue;
      let at = best.length;
      while (at > 0 && (best[at - 1] as Scored).logprob < logit) at--;
      best.splice(at, 0, { token: candidate, logprob: logit });
      if (best.length > top) best.pop();
    }
  }
  return {
    logprob: (logits[token] as number) - normaliser,
    top: best.map((scored) => ({ token: scored.token, logprob: scored.logprob - normaliser })),
  };
}
