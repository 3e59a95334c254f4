// Property tests draw the same cases on every run, so that a build fails for what changed and not by the draw.
// `ARRIERO_TEST_SEED=4711 npm test` draws others.
import fc from "fast-check";

const seed = Number(process.env.ARRIERO_TEST_SEED ?? 20261121);
if (!Number.isInteger(seed)) throw new Error(`ARRIERO_TEST_SEED must be a whole number, not ${process.env.ARRIERO_TEST_SEED}`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
