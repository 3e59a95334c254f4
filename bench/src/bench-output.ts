/** Where a bench speaks: its result on stdout, everything else on stderr. */
export interface BenchOutput {
  print(text: string): void;
  note(line: string): void;
}
