import pLimit from 'p-limit';
import { candidateTags } from '../branches/needs.ts';
import type { References } from '../branches/references.ts';
import { CleanUpError } from '../clean-up/removal.ts';
import { readJournal } from '../clean-up/journal.ts';
import { readVersions } from '../clean-up/read-versions.ts';
import {
  LATEST,
  parseDigest,
  parseRepository,
  pathBelow,
  type Digest,
  type Tag,
} from '../image-reference.ts';
import { findManifest, type RegistryClient } from '../registry/registry-client.ts';
import { unlessHidden } from '../registry/registry-error.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import type { Retention } from '../retention/retention.ts';
import type { Settings } from '../settings/settings.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';

/** The number of images that are read at the same time. */
const AT_ONCE = 4;

/** Where clean-ups keep their journal, in the checkout. */
export const JOURNAL = '.clean-up/journal.jsonl';

interface PlainRules {
  readonly retention: Pick<Retention, 'allow' | 'keepAliases'>;
  readonly references: References;
  readonly images: readonly TaggedImage[];
}

/**
 * Reads a registry that lists tags alone: the images of the catalog, those that branches need and `allow` names, those
 * that the registry lists below the path, and those of the journal. `hidden` are those that the registry hides from the
 * account and that the journal does not have, which count as not published. Throws a RegistryError, and a CleanUpError
 * where a list lacks what is there.
 */
export async function readPlain(
  client: RegistryClient,
  { registry, repositoryPrefix }: Pick<Settings, 'registry' | 'repositoryPrefix'>,
  { retention, references, images }: PlainRules,
  journal: string,
) {
  const record = readJournal(journal, `${registry}/${repositoryPrefix}`);
  // Images that no list names are not seen, and so not deleted.
  const listed = await client.listBelow(repositoryPrefix);
  const names = [
    ...images.map(({ name }) => name),
    ...references.needs.map(({ image }) => image),
    ...retention.allow.map(({ image }) => image),
    ...Object.keys(record.publications),
    ...record.unfinished.map(({ image }) => image),
    ...(listed ?? []),
  ].filter((name) => parseRepository(`${repositoryPrefix}/${name}`) !== undefined);
  const others = [
    ...[...references.needs, ...retention.allow].map(({ image, digest = '' }) => ({
      image,
      digest,
    })),
    ...record.unfinished.flatMap(({ image, left }) =>
      [...left.keys()].map((digest) => ({ image, digest })),
    ),
  ];
  const hidden = new Set<string>();
  const read = await pLimit(AT_ONCE).map(new Set(names), (name) => {
    const own = others.filter(({ image }) => image === name);
    const digests = own.flatMap(({ digest }) => parseDigest(digest) ?? []);
    return unlessHidden(
      () => readVersions(client, repositoryPrefix, name, new Set(digests)),
      (refusal) => {
        // It was published: the account has lost a right.
        if ((record.publications[name] ?? 0) > 0) throw refusal;
        hidden.add(name);
        return [];
      },
    );
  });
  const versions = read.flat();
  const rules = { retention, references, images, hidden };
  await checkLists(versions, client, rules, repositoryPrefix);
  const leftovers = leftoversOf(versions, record.unfinished);
  return { versions, leftovers, record, hidden: [...hidden].sort() };
}

/** The parts of deleted publications that are still there and have got no new tag. */
function leftoversOf(
  versions: readonly HeldVersion[],
  unfinished: ReturnType<typeof readJournal>['unfinished'],
): ReadonlySet<string> {
  const byName = new Map(versions.map((one) => [`${one.packageName}@${one.digest}`, one]));
  const left = unfinished
    .filter(({ image, digest }) => !byName.has(`${image}@${digest}`))
    .flatMap((unit) =>
      [...unit.left].map(([digest, tags]) => ({ name: `${unit.image}@${digest}`, tags })),
    );
  const isAsItWas = ({ name, tags }: (typeof left)[number]) =>
    byName.get(name)?.tags.every((tag) => tags.includes(tag)) ?? false;
  return new Set(left.filter(isAsItWas).map(({ name }) => name));
}

/**
 * A list that lacks a tag which is there may lack others, and a registry that lists a needed tag but does not have it now
 * may have it again later: what such tags name, and hold, would be taken for unneeded.
 */
async function checkLists(
  versions: readonly HeldVersion[],
  client: RegistryClient,
  { retention, references, images, hidden }: PlainRules & { readonly hidden: ReadonlySet<string> },
  prefix: Settings['repositoryPrefix'],
): Promise<void> {
  const known = new Set(
    versions.flatMap(({ packageName, tags, digest }) =>
      [...tags, digest].map((name) => `${packageName} ${name}`),
    ),
  );
  const names = new Set(versions.map(({ packageName }) => packageName));
  const wanted = [
    ...images.flatMap(({ name, tag }) => [LATEST, tag].map((reference) => ({ name, reference }))),
    ...references.needs.flatMap(({ image: name, branch, tag, digest }) =>
      candidateTags(branch.alias, tag ?? digest).map((reference) => ({ name, reference })),
    ),
    ...retention.allow.flatMap(({ image: name, tag }) => (tag ? [{ name, reference: tag }] : [])),
    ...[...names].flatMap((name) =>
      retention.keepAliases.map((reference) => ({ name, reference })),
    ),
  ];
  const unlisted = new Map<string, { readonly name: string; readonly reference: Tag | Digest }>();
  for (const each of wanted) {
    const key = `${each.name} ${each.reference}`;
    if (!known.has(key) && !hidden.has(each.name)) unlisted.set(key, each);
  }
  const lists = new Map<string, ReturnType<RegistryClient['listTags']>>();
  const tagsOf = (name: string) => {
    const list = lists.get(name) ?? client.listTags(pathBelow(prefix, name));
    lists.set(name, list);
    return list;
  };
  await pLimit(AT_ONCE).map(unlisted.values(), async ({ name, reference }) => {
    const path = pathBelow(prefix, name);
    const isThere = (await findManifest(client, path, reference)) !== undefined;
    if (!isThere && !(await tagsOf(name))?.some((tag) => tag === reference)) return;
    throw new CleanUpError(
      'CLEAN_UP_CUT',
      isThere
        ? `the registry has ${name}:${reference}, and does not list it`
        : `the registry lists ${name}:${reference}, and does not have it`,
      'run this again; if it lasts, have the operator of the registry correct its listing',
    );
  });
}
