import { afterAll, beforeAll } from "vitest";
import { describeUpstream } from "../../testing/upstream-contract.ts";
import { loadVendors, openVendor, VENDORS } from "../../testing/vendors-under-test.ts";
import { EnginePools } from "../engine-pools.ts";

const pools = new EnginePools();
beforeAll(loadVendors, 120_000);
afterAll(() => pools.close());

for (const under of VENDORS) {
  const { vendor: name, wire } = under;
  describeUpstream({ name, wire, chatOnly: true, open: (origin, ms) => openVendor(under, pools, origin, ms) });
}
