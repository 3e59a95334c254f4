// One pull in a process of its own, from the built package, so that a test can kill it: HOME REFERENCE on the command line.
// Prints each progress as a JSON line.
import { ModelStore } from "../../../dist/model-store/model-store.js";

const [home, reference] = process.argv.slice(2);
const store = new ModelStore({
  home,
  env: {},
  download: { partBytes: 65536, journalBytes: 1 },
  now: () => performance.now() * 1000,
});
const report = (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`);
await store.pull(reference, { onProgress: report });
await store.close();
