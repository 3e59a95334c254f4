/** Below this many parameters one thread is as fast as several: a step is shorter than the threads take to meet. */
const ONE_THREAD_PARAMETERS = 50_000_000;
const MAX_DEFAULT_THREADS = 32;

/** Compute threads when the user names none. */
export function defaultThreads(parameters: number, cores: number): number {
  return parameters < ONE_THREAD_PARAMETERS ? 1 : Math.max(1, Math.min(cores, MAX_DEFAULT_THREADS));
}
