import { z } from 'zod';
import { type Digest, isPlatformTag, parseDigest, parseTag } from '../../src/image-reference.ts';
import { markedAt } from '../../src/branches/branch-alias.ts';
import { REPOSITORY, type DeclaredRegistry } from './declared-registry.ts';
import { DAY_MS } from './branching-project.ts';
import { plannedTags } from './engine-output.ts';
import { known } from './fixtures.ts';

/** A version as it was published, by a name such as `alpha2`. */
export interface NamedVersion {
  readonly image: string;
  readonly tag: string;
  readonly digest: Digest;
}

type NamedVersions = Readonly<Record<string, NamedVersion>>;

const Inventory = z.object({
  dockerImages: z.array(z.object({ name: z.string(), tags: z.array(z.string()).default([]) })),
});
const Policies = z.object({
  cleanupPolicies: z.record(
    z.string(),
    z.object({
      condition: z.object({ versionNamePrefixes: z.array(z.string()).default([]) }).optional(),
    }),
  ),
});
const Report = z.object({
  repositories: z.tuple([z.object({ dryRun: z.literal(false), deleted: z.array(z.string()) })]),
});
const Forecast = z.object({
  images: z.array(
    z.object({
      image: z.string(),
      entries: z.array(z.object({ digest: z.string(), verdict: z.enum(['keep', 'delete']) })),
    }),
  ),
});

/** The versions that the checkout's catalog stands for, which are published: `alpha` 2 is `alpha2`. */
export async function publishedVersions(
  { fixture, checkout }: DeclaredRegistry,
  numbers: Readonly<Record<string, number>>,
): Promise<NamedVersions> {
  const tags = plannedTags(checkout);
  const named = Object.entries(numbers).map(async ([image, number]) => {
    const tag = tags[image] ?? '';
    const digest = known(await fixture.digest(image, tag));
    return [`${image}${number}`, { image, tag, digest }] as const;
  });
  return Object.fromEntries(await Promise.all(named));
}

/** The versions, with the members of each index: those of `alpha2` are `alpha2 member` and `alpha2 attestation`. */
export async function withMembers(
  { fixture }: DeclaredRegistry,
  versions: NamedVersions,
): Promise<NamedVersions> {
  const named = Object.entries(versions).map(async ([name, version]) => {
    const path = fixture.repository(version.image);
    const manifest = await fixture.client.getManifest(path, version.digest);
    const members = manifest === undefined ? [] : membersOf(manifest.bytes);
    return members.map(({ digest, platform }) => {
      const what = platform?.os === 'unknown' ? 'attestation' : 'member';
      return [`${name} ${what}`, { ...version, digest: digest as Digest }] as const;
    });
  });
  return { ...versions, ...Object.fromEntries((await Promise.all(named)).flat()) };
}

/**
 * What the registry holds, without members: name → its tags but for its own immutable one, and `gone on day 20` for the
 * marker of one whose last reference went 20 days after `start`.
 */
export async function heldVersions(
  declared: DeclaredRegistry,
  versions: NamedVersions,
  start: Date,
): Promise<Record<string, string[]>> {
  const { dockerImages } = Inventory.parse(await declared.read(`${REPOSITORY}/dockerImages`));
  const isMember = ({ tags }: { readonly tags: readonly string[] }) => tags.some(isPlatformTag);
  const publications = dockerImages.filter((image) => !isMember(image));
  const held = publications.map(({ name, tags }) => {
    const version = nameOf(versions, name.split('@')[1] ?? '');
    const own = versions[version]?.tag;
    const day = (tag: string) => {
      const marked = markedAt(tag);
      if (marked === undefined) return tag;
      return `gone on day ${Math.round((marked.getTime() - start.getTime()) / DAY_MS)}`;
    };
    return [
      version,
      tags
        .filter((tag) => tag !== own)
        .map(day)
        .sort(),
    ] as const;
  });
  const others = held.filter(([version]) => !version.endsWith(' attestation'));
  return Object.fromEntries(others.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which versions the repository's policies keep by their digests. */
export async function keptByDigest(
  declared: DeclaredRegistry,
  versions: NamedVersions,
): Promise<string[]> {
  const { cleanupPolicies } = Policies.parse(await declared.read(REPOSITORY));
  const digests = Object.values(cleanupPolicies).flatMap(
    ({ condition }) => condition?.versionNamePrefixes ?? [],
  );
  return digests.map((digest) => nameOf(versions, digest)).sort();
}

/** The exit code of `images retention` for a day, and which versions it says go. */
export async function forecastFor(
  { checkout }: DeclaredRegistry,
  versions: NamedVersions,
  at: Date,
): Promise<{ code: number | null; goes: string[] }> {
  const args = ['retention', '--stack', 'sandbox', '--at', at.toISOString(), '--json'];
  const { code, stdout, output } = await checkout.images(...args);
  if (stdout === '') throw new Error(output);
  const { images } = Forecast.parse(JSON.parse(stdout));
  const entries = images.flatMap((image) => image.entries);
  const goes = entries.filter(({ verdict }) => verdict === 'delete');
  return { code, goes: goes.map(({ digest }) => nameOf(versions, digest)).sort() };
}

/** Runs the clean-up; gives what it has deleted. */
export async function cleanUp(
  declared: DeclaredRegistry,
  versions: NamedVersions,
): Promise<string[]> {
  const report = Report.parse(await declared.act('POST', 'emulator/v1/cleanup', {}));
  const { deleted } = report.repositories[0];
  return deleted.map((name) => nameOf(versions, name.split('/').at(-1) ?? '')).sort();
}

function nameOf(versions: NamedVersions, digest: string): string {
  const found = Object.entries(versions).find(([, version]) => version.digest === digest);
  return found?.[0] ?? digest;
}

const Manifest = z.object({
  manifests: z
    .array(z.object({ digest: z.string(), platform: z.object({ os: z.string() }).optional() }))
    .default([]),
  config: z.object({ digest: z.string() }).optional(),
  layers: z.array(z.object({ digest: z.string() })).default([]),
});

function contentOf(bytes: Uint8Array) {
  return Manifest.parse(JSON.parse(Buffer.from(bytes).toString()));
}

function membersOf(bytes: Uint8Array) {
  return contentOf(bytes).manifests;
}

/** Fetches all of an image, as a pull does; gives its digest, or nothing when it is not there. */
export async function pull(
  declared: DeclaredRegistry,
  image: string,
  reference: string,
): Promise<Digest | undefined> {
  const { fixture } = declared;
  const found = known(parseDigest(reference) ?? parseTag(reference));
  const path = fixture.repository(image);
  const manifest = await fixture.client.getManifest(path, found);
  if (manifest === undefined) return undefined;
  const { manifests, config = [], layers } = contentOf(manifest.bytes);
  for (const { digest } of manifests) {
    known(await pull(declared, image, digest));
  }
  for (const { digest } of [config, layers].flat()) {
    known(await fixture.client.getBlob(path, digest as Digest));
  }
  return manifest.digest;
}
