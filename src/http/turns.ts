/** Does some work when its turn comes, and gives its result. */
export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets so many pieces of work go on at a time; the others wait in order. A failure is its own only. */
export function turns(atOnce: number): TakeTurn {
  const waiting: (() => void)[] = [];
  let free = atOnce;

  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Handed on directly: nobody who comes in between may take it.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
