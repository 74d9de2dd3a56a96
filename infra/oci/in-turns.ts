/** So many requests at a time: enough to be quick, few enough for every registry. */
const AT_ONCE = 16;

/** Does the work for each item, some at a time; results in the items' order. The first failure ends it. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}
