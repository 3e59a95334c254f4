import { residencyObjection } from "../residency.ts";
import type { Filter } from "./refusal.ts";

/** The request's bytes may go there. */
export const withinResidency: Filter = ({ backend }, { residency }) => {
  const objection = residencyObjection(residency, backend);
  return objection === null ? null : { rule: "residency", ...objection };
};
