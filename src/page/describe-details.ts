import type { PageCheck, PageDetails, PageVerification } from './page-data.ts';
import type { Publication } from './publications.ts';
import { byKey } from '../compare-texts.ts';
import type { PlatformContent } from '../packages/diff-contents.ts';
import {
  agreeingPlatforms,
  diffPackages,
  shownName,
  type PackageDifferences,
} from '../packages/diff-packages.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import { redact } from '../redact.ts';

/** What was read of a version. */
export interface ReadVersion {
  readonly platforms: ByPlatform<ReadPlatform>;
  readonly signature: PageCheck;
  readonly provenance: PageCheck;
  readonly verification: PageVerification | undefined;
}

export interface ReadPlatform extends Pick<PlatformContent, 'labels' | 'packages'> {
  /** Build input → what it was. */
  readonly inputs: Readonly<Record<string, string>>;
}

type ByPlatform<T> = Readonly<Record<string, T>>;

/** The versions of each image that have details for their age: a maintainer compares the last few. */
const NEWEST = 5;

/** The publications to read the details of, among those of an image, the newest first: the newest five, and named ones. */
export function detailedPublications(
  publications: readonly Publication[],
  isNamed: (publication: Publication) => boolean,
): readonly Publication[] {
  return publications.filter((one, at) => at < NEWEST || isNamed(one));
}

/** Lines of changes that the page has for a version. `images diff` has all. */
const MOST_CHANGES = 40;

/** The details of a version; `before` is the one before it that was read, if there is one. */
export function describeDetails(now: ReadVersion, before: ReadVersion | undefined): PageDetails {
  const { signature, provenance, verification } = now;
  const labels = Object.values(now.platforms).map((platform) => Object.entries(platform.labels));
  const changes = before && changesBetween(before.platforms, now.platforms);
  const packages = Object.entries(now.platforms).map(([platform, content]) => {
    return [platform, describePackages(content.packages)] as const;
  });
  return {
    labels: byName(new Map(labels.flat())),
    inputs: byName(inputsOf(now.platforms)),
    changes: changes?.slice(0, MOST_CHANGES),
    otherChanges: changes && Math.max(changes.length - MOST_CHANGES, 0),
    packages: byName(new Map(packages)),
    signature: { ...signature, text: publicText(signature.text) },
    provenance: { ...provenance, text: publicText(provenance.text) },
    verification: verification && {
      ...verification,
      text: publicText(verification.text),
      console: verification.console.map(publicText),
    },
  };
}

const LONGEST_TEXT = 500;

/** A text of others in one line, without accounts in its addresses. */
function publicText(text: string): string {
  return redact(text, [], LONGEST_TEXT);
}

function byName(texts: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const sorted = [...texts].toSorted(byKey);
  return Object.fromEntries(sorted.map(([name, text]) => [publicText(name), publicText(text)]));
}

function describePackages(packages: Packages): string {
  if (packages.kind === 'unknown') return `unknown: ${packages.reason}`;
  const { format, packages: all } = packages.list;
  return `${all.length} (${format})`;
}

/** The build inputs, once where all platforms have the same, and otherwise with the platform. */
function inputsOf(platforms: ByPlatform<ReadPlatform>): ReadonlyMap<string, string> {
  const all = Object.entries(platforms).map(([platform, { inputs }]) => {
    return [platform, new Map(Object.entries(inputs))] as const;
  });
  const names = new Set(all.flatMap(([, inputs]) => [...inputs.keys()]));
  const found = [...names].flatMap((name): (readonly [string, string])[] => {
    const values = new Set(all.map(([, inputs]) => inputs.get(name)));
    const [value] = values;
    if (values.size === 1 && value !== undefined) return [[name, value]];
    return all.flatMap(([platform, inputs]) => {
      const own = inputs.get(name);
      return own === undefined ? [] : [[`${name} (${platform})`, own] as const];
    });
  });
  return new Map(found);
}

function changesBetween(
  before: ByPlatform<ReadPlatform>,
  now: ByPlatform<ReadPlatform>,
): readonly string[] {
  const [olds, news] = [inputsOf(before), inputsOf(now)];
  const names = [...new Set([...olds.keys(), ...news.keys()])].toSorted();
  const ofInputs = names.flatMap((name) => {
    const [old, value] = [olds.get(name), news.get(name)];
    return old === value ? [] : [`${name}: ${change(old, value)}`];
  });
  const platforms = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  const none = unknown('there is no image for this platform');
  const differences = platforms.map((platform) => {
    const [old, value] = [before[platform]?.packages, now[platform]?.packages];
    return [platform, diffPackages(old ?? none, value ?? none)] as const;
  });
  const groups = agreeingPlatforms(Object.fromEntries(differences));
  const ofPackages = groups.flatMap((group) => {
    const where = groups.length > 1 ? ` (${group.platforms.join(', ')})` : '';
    return packageLines(group.differences).map((line) => `${line}${where}`);
  });
  return [...ofInputs, ...ofPackages].map(publicText);
}

function packageLines(differences: PackageDifferences): readonly string[] {
  if (differences.kind === 'unknown') return [`packages unknown: ${differences.reason}`];
  return differences.changes.map((each) => `${shownName(each)} ${change(each.before, each.after)}`);
}

function change(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `${after ?? ''} added`;
  return after === undefined ? `${before} removed` : `${before} → ${after}`;
}
