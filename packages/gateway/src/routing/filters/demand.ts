import type { Filter } from "./refusal.ts";

/** It has the hardware and purchase that the model's configuration demands for the request's class. */
export const demand: Filter = ({ backend }, request, { demands }) => {
  const demanded = demands[request.class];
  if (demanded === undefined) return null;
  const { hardware, purchase } = demanded;
  if (hardware !== null && (backend.hardware === null || !hardware.includes(backend.hardware))) {
    const value = backend.hardware ?? "unknown";
    const wanted = hardware.join(", ");
    return { rule: "demand", message: `hardware is ${value}; ${request.class} demands ${wanted}`, wanted, value };
  }
  if (purchase !== null && !purchase.includes(backend.purchase)) {
    const wanted = purchase.join(", ");
    const message = `purchase is ${backend.purchase}; ${request.class} demands ${wanted}`;
    return { rule: "demand", message, wanted, value: backend.purchase };
  }
  return null;
};
