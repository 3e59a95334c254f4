/**
 * Several sources as one, each value with its source's position, in order of arrival. One value of each source is held
 * at most. The first failure ends all; leaving early returns every source.
 */
export async function* mergeStreams<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<readonly [number, T], void, void> {
  const [only] = sources;
  if (only !== undefined && sources.length === 1) {
    for await (const value of only) yield [0, value];
    return;
  }
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const arrived: Arrival<T>[] = [];
  let wake = () => {};
  const pull = (source: number) => {
    const deliver = (arrival: Arrival<T>) => {
      arrived.push(arrival);
      wake();
    };
    iterators[source]?.next().then(
      (result) => deliver({ kind: "result", source, result }),
      (error) => deliver({ kind: "failure", error }),
    );
  };
  let open = iterators.length;
  for (const source of iterators.keys()) pull(source);
  try {
    while (open > 0) {
      const arrival = arrived.shift();
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (arrival.kind === "failure") {
        throw arrival.error;
      } else if (arrival.result.done) {
        open -= 1;
      } else {
        yield [arrival.source, arrival.result.value];
        pull(arrival.source);
      }
    }
  } finally {
    // Not awaited: a generator asked to return answers only after its pending `next`, which may never come.
    for (const iterator of iterators) iterator.return?.()?.catch(() => {});
  }
}

type Arrival<T> =
  | { readonly kind: "result"; readonly source: number; readonly result: IteratorResult<T> }
  | { readonly kind: "failure"; readonly error: unknown };
