/** What a host gives at a time, at most. */
const PER_PAGE = 100;

/** More than any merge request has. */
const MOST_PAGES = 100;

/** All items of a list that comes in pages of 100, from page 1 on. */
export async function readPages<Item>(
  read: (page: number) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const found = await read(page);
    items.push(...found);
    if (found.length < PER_PAGE) break;
  }
  return items;
}
