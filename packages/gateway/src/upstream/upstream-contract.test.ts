import { afterAll } from "vitest";
import { describeUpstream } from "../testing/upstream-contract.ts";
import { UPSTREAMS } from "../testing/upstreams-under-test.ts";
import { EnginePools } from "./engine-pools.ts";

const pools = new EnginePools();
afterAll(() => pools.close());

for (const { name, open, wire } of UPSTREAMS) describeUpstream({ name, wire, open: (origin, ms) => open(pools, origin, ms) });
