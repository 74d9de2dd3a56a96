import { inCatalogOrder } from './catalog-order.ts';
import { code, list, prose, shortened, table } from './markdown.ts';
import type { SummarizedForecast } from './parse-forecast.ts';
import { formatSize } from '../format-size.ts';

type Entry = SummarizedForecast['images'][number]['entries'][number];

/**
 * What the clean-up does, in the catalog's order. A forecast that was compared has the versions that the change alters,
 * each with what was to become of it before.
 */
export function forecastSections(
  { dryRun, against, images: all, missing, unpublished }: SummarizedForecast,
  names: readonly string[],
): readonly (readonly string[])[] {
  const images = inCatalogOrder(all, ({ image }) => image, names);
  const hasPlatforms = images.some(({ entries }) =>
    entries.some(({ platforms }) => platforms.length > 0),
  );
  const rows = images.flatMap(({ image, entries }) =>
    entries.map((entry) => {
      const { digest, tags, platforms, sizeBytes, reasons, before } = entry;
      const version = tags.length > 0 ? tags.map(code).join(', ') : code(shortened(digest));
      const content = [platforms.map(code).join(', '), formatSize(sizeBytes)];
      const fate = [step(before, entry, fateOf), step(before, entry, dayOf)];
      const reason = prose(shortened(reasons[0]?.text ?? ''));
      return [code(image), version, ...(hasPlatforms ? content : []), ...fate, reason];
    }),
  );
  const head = ['image', 'version', ...(hasPlatforms ? ['platforms', 'size'] : [])];
  const needs = (unmet: SummarizedForecast['missing']) =>
    unmet.map(({ source, branch, image, tag, digest }) => {
      const version =
        digest === undefined ? [image, tag ?? []].flat().join(':') : `${image}@${digest}`;
      return `${code(`${source} ${branch}`)} needs ${code(shortened(version))}`;
    });
  const mode = dryRun ? 'Retention (dry run: nothing is deleted)' : 'Retention';
  const isUnchanged = against !== null && rows.length === 0;
  return [
    list('Needed by a supported branch, and lost from the registry', needs(missing)),
    list('Needed by a supported branch, and never published', needs(unpublished)),
    isUnchanged
      ? ['', `**${mode}**: every published version stays or goes as before this change.`]
      : table(mode, [...head, 'verdict', 'goes on', 'why'], rows),
  ];
}

/** What is said of a version now, and before it where that was something else. */
function step(before: Fate | undefined, now: Fate, say: (fate: Fate) => string): string {
  const text = say(now);
  return before === undefined || say(before) === text ? text : `${say(before)} → ${text}`;
}

type Fate = Pick<Entry, 'verdict' | 'goesAt'>;

function fateOf({ verdict }: Fate): string {
  return verdict === 'delete' ? '⚠ deleted' : 'kept';
}

function dayOf({ goesAt }: Fate): string {
  return goesAt === null ? 'never' : goesAt.slice(0, 'YYYY-MM-DD'.length);
}
