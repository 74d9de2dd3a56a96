import { z } from 'zod';
import { parseDigest, type Digest } from '../image-reference.ts';
import { DigestText, NO_PLATFORM, type Member } from '../registry/manifest.ts';
import { percentDecoded } from '../url.ts';
import type { PolicyCondition, RegistryPolicy } from '../retention/evaluate-policies.ts';

/** A version as `dockerImages` lists it. */
export interface ListedImage {
  /** The package, such as `debian-12`. */
  readonly image: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  readonly uploadedAt: Date;
  readonly mediaType: string;
  /** What an index names; `undefined` where the listing lacks it. */
  readonly members: readonly Member[] | undefined;
}

// The fields that decide are checked: a version that can't be read must not be missing from a forecast.
const Prefixes = z.array(z.string()).optional();
const Seconds = z.string().regex(/^\d+(?:\.\d+)?s$/);
const TagState = z.enum(['TAG_STATE_UNSPECIFIED', 'TAGGED', 'UNTAGGED', 'ANY']);

const Condition = z
  .strictObject({
    tagState: TagState.optional(),
    tagPrefixes: Prefixes,
    versionNamePrefixes: Prefixes,
    packageNamePrefixes: Prefixes,
    olderThan: Seconds.optional(),
    newerThan: Seconds.optional(),
  })
  .transform(({ tagState, ...condition }): PolicyCondition => {
    return { ...condition, tagState: tagState === 'TAG_STATE_UNSPECIFIED' ? undefined : tagState };
  });

const MostRecent = z.strictObject({
  keepCount: z.number().default(0),
  packageNamePrefixes: Prefixes,
});

const Known = z.union([
  z.strictObject({
    id: z.string().optional(),
    action: z.enum(['KEEP', 'DELETE']),
    condition: Condition,
  }),
  z.strictObject({
    id: z.string().optional(),
    action: z.literal('KEEP'),
    mostRecentVersions: MostRecent,
  }),
]);

/**
 * A policy that can be evaluated; `undefined` for a KEEP that can't, which keeps nothing as far as is known. Any other
 * one may delete whatever there is.
 */
function evaluable(id: string, policy: unknown): RegistryPolicy | undefined {
  const known = Known.safeParse(policy);
  if (known.success) return { ...known.data, id };
  const isKeep = z.object({ action: z.literal('KEEP') }).safeParse(policy).success;
  return isKeep ? undefined : { id, action: 'DELETE', condition: {} };
}

/** google.devtools.artifactregistry.v1.Repository, of which the clean-up alone is read. */
export const repositoryResponse = z
  .object({
    cleanupPolicies: z.record(z.string(), z.unknown()).default({}),
    cleanupPolicyDryRun: z.boolean().default(false),
  })
  .transform(({ cleanupPolicies, cleanupPolicyDryRun: dryRun }) => {
    const entries = Object.entries(cleanupPolicies);
    return {
      policies: entries.flatMap(([id, policy]) => evaluable(id, policy) ?? []),
      /** The ids of those with a condition that nobody here knows. */
      unknown: entries.flatMap(([id, policy]) => (Known.safeParse(policy).success ? [] : id)),
      dryRun,
    };
  });

/** google.devtools.artifactregistry.v1.ImageManifest. */
const ImageManifest = z
  .object({
    digest: DigestText,
    os: z.string().default(''),
    architecture: z.string().default(''),
    variant: z.string().default(''),
  })
  .transform(({ digest, os, architecture, variant }): Member => {
    const platform = [os, architecture, variant].filter((part) => part !== '').join('/');
    const isImage = os !== '' && architecture !== '' && platform !== NO_PLATFORM;
    return { digest, platform: isImage ? platform : undefined };
  });

const DockerImage = z
  .object({
    name: z.string(),
    tags: z.array(z.string()).default([]),
    imageSizeBytes: z.string().regex(/^\d+$/).default('0'),
    uploadTime: z.iso.datetime({ offset: true }),
    mediaType: z.string().default(''),
    imageManifests: z.array(ImageManifest).optional(),
  })
  .transform(({ name, tags, mediaType, ...image }, context): ListedImage => {
    const [, path, text = ''] = /\/dockerImages\/([^/]+)@([^@]+)$/.exec(name) ?? [];
    const digest = parseDigest(text);
    const decoded = path && percentDecoded(path);
    if (digest === undefined || !decoded) {
      context.addIssue('no package with a digest');
      return z.NEVER;
    }
    const sizeBytes = Number(image.imageSizeBytes);
    const uploadedAt = new Date(image.uploadTime);
    const { imageManifests: members } = image;
    return { image: decoded, digest, tags, sizeBytes, uploadedAt, mediaType, members };
  });

/** One page of `dockerImages`; the token is empty on the last. */
export const dockerImagesPage = z.object({
  dockerImages: z.array(DockerImage).default([]),
  nextPageToken: z.string().default(''),
});
