import type { Filter } from "./refusal.ts";

/** It has not just failed this very request. */
export const avoided: Filter = ({ backend: { id } }, request) =>
  request.avoided.includes(id)
    ? { rule: "avoided", message: "it failed this request", wanted: "another backend", value: id }
    : null;
