import { inCatalogOrder } from './catalog-order.ts';
import { code, list, prose, shortened, table } from './markdown.ts';
import type { SummarizedForecast } from './parse-forecast.ts';
import type { Summary } from './summarize.ts';
import { formatSize } from '../format-size.ts';

type Entry = SummarizedForecast['images'][number]['entries'][number];

/**
 * What the clean-up does, in the catalog's order. A forecast that was compared has the versions that the change alters,
 * each with what was to become of it before. No branch misses what the run publishes.
 */
export function forecastSections(
  { dryRun, against, images: listed, missing, unpublished }: SummarizedForecast,
  { catalog: names = [], images: changes }: Pick<Summary, 'catalog' | 'images'>,
): readonly (readonly string[])[] {
  const images = inCatalogOrder(listed, ({ image }) => image, names);
  const hasPlatforms = images.some(({ entries }) =>
    entries.some(({ platforms }) => platforms.length > 0),
  );
  const rows = images.flatMap(({ image, entries }) =>
    entries.map((entry) => {
      const { digest, tags, platforms, sizeBytes, before } = entry;
      const version = tags.length > 0 ? tags.map(code).join(', ') : code(shortened(digest));
      const content = [platforms.map(code).join(', '), formatSize(sizeBytes)];
      const fate = [fateOf, dayOf, reasonOf].map((say) => step(before, entry, say));
      return [code(image), version, ...(hasPlatforms ? content : []), ...fate];
    }),
  );
  const head = ['image', 'version', ...(hasPlatforms ? ['platforms', 'size'] : [])];
  const needs = (all: SummarizedForecast['missing']) =>
    all.map(({ source, branch, image, tag, digest }) => {
      const version =
        digest === undefined ? [image, tag ?? []].flat().join(':') : `${image}@${digest}`;
      return `${code(`${source} ${branch}`)} needs ${code(shortened(version))}`;
    });
  const isPublished = ({ image, tag }: SummarizedForecast['missing'][number]) =>
    changes.some(({ name, action, to }) => name === image && action !== 'leave' && to === tag);
  const unmet = unpublished.filter((need) => !isPublished(need));
  const mode = dryRun ? 'Retention (dry run: nothing is deleted)' : 'Retention';
  const isUnchanged = against !== null && rows.length === 0;
  return [
    list('Needed by a supported branch, and lost from the registry', needs(missing)),
    list('Needed by a supported branch, and never published', needs(unmet)),
    isUnchanged
      ? ['', `**${mode}**: every published version stays or goes as before this change.`]
      : table(mode, [...head, 'verdict', 'goes on', 'why'], rows),
  ];
}

/** What is said of a version now, and before it where that was something else. */
function step(before: Fate | undefined, now: Fate, say: (fate: Fate) => string): string {
  const texts = before === undefined ? [say(now)] : [say(before), say(now)];
  return [...new Set(texts)].filter((text) => text !== '').join(' → ');
}

type Fate = Pick<Entry, 'verdict' | 'goesAt' | 'reasons'>;

function fateOf({ verdict }: Fate): string {
  return verdict === 'delete' ? '⚠ deleted' : 'kept';
}

function dayOf({ goesAt }: Fate): string {
  return goesAt === null ? 'never' : goesAt.slice(0, 'YYYY-MM-DD'.length);
}

function reasonOf({ reasons: [first] }: Fate): string {
  return prose(shortened(first?.text ?? ''));
}
