/**
 * Whether a text begins with any of the prefixes; every text does when there are none. As quick for a
 * thousand digests as for one: prefixes of one length are looked up at once.
 */
export function prefixMatcher(prefixes: readonly string[] = []): (text: string) => boolean {
  if (prefixes.length === 0) return () => true;
  const ofLength = Map.groupBy(new Set(prefixes), ({ length }) => length);
  const lookups = [...ofLength].map(([length, all]) => [length, new Set(all)] as const);
  return (text) => lookups.some(([length, known]) => known.has(text.slice(0, length)));
}
