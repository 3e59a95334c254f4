import { BandPlot } from "./band.tsx";

/** The pulse of a streaming answer: tokens that came in each of the last moments. */
export function BandPulse({ beats, label }: { beats: readonly number[]; label: string }) {
  return <BandPlot values={beats} columns={30} tone="cochineal" label={label} max={Math.max(2, ...beats)} />;
}
