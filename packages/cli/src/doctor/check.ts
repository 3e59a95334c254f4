/** One thing looked at. `absent` is optional and not there; `warning` works, but not as well as it could; `failed` keeps Arriero from working. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "absent" | "warning" | "failed";
  /** What was found, with the value at hand. */
  readonly detail: string;
  /** What to do; absent where nothing is to be done. */
  readonly hint?: string;
}
