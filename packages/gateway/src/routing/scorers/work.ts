import { slowStartShare } from "../../health/slow-start.ts";
import type { BackendSnapshot } from "../backend-snapshot.ts";

/** What a backend can carry beside the others: its weight, less while it is young. Above 0. */
export const capacity = ({ backend, readyForMs }: BackendSnapshot): number => backend.weight * slowStartShare(readyForMs);

/** Tokens outstanding there, for its capacity: comparable between a large backend and a small one. */
export const relativeWork = (snapshot: BackendSnapshot): number => snapshot.outstanding.tokens / capacity(snapshot);
