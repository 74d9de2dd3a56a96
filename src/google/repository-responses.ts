import { z } from 'zod';
import { parseDigest, type Digest } from '../image-reference.ts';
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
  /** What an index refers to; `undefined` where the listing does not say. */
  readonly parts: readonly Digest[] | undefined;
}

// Other fields may be there. Those that decide are checked: a version that can't be read must not be
// missing from a forecast.
const Prefixes = z.array(z.string()).optional();
const Seconds = z.string().regex(/^\d+(?:\.\d+)?s$/);
const TagState = z.enum(['TAG_STATE_UNSPECIFIED', 'TAGGED', 'UNTAGGED', 'ANY']);

const Condition = z
  .object({
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

const Policy = z.object({
  action: z.enum(['KEEP', 'DELETE']),
  condition: Condition.optional(),
  mostRecentVersions: z
    .object({ keepCount: z.number().default(0), packageNamePrefixes: Prefixes })
    .optional(),
});

/** google.devtools.artifactregistry.v1.Repository, of which the clean-up alone is read. */
export const repositoryResponse = z
  .object({
    cleanupPolicies: z.record(z.string(), Policy).default({}),
    cleanupPolicyDryRun: z.boolean().default(false),
  })
  .transform(({ cleanupPolicies, cleanupPolicyDryRun: dryRun }) => {
    const policies: RegistryPolicy[] = Object.entries(cleanupPolicies).map(([id, policy]) => ({
      id,
      ...policy,
    }));
    return { policies, dryRun };
  });

const DigestText = z.string().transform((text, context) => {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  context.addIssue('no digest');
  return z.NEVER;
});

const DockerImage = z
  .object({
    name: z.string().regex(/\/dockerImages\/[^/]+@sha256:[a-f0-9]{64}$/),
    tags: z.array(z.string()).default([]),
    imageSizeBytes: z.string().regex(/^\d+$/).default('0'),
    uploadTime: z.iso.datetime({ offset: true }),
    mediaType: z.string().default(''),
    imageManifests: z.array(z.object({ digest: DigestText })).optional(),
  })
  .transform((image, context): ListedImage => {
    const [path = '', text = ''] = image.name.slice(image.name.lastIndexOf('/') + 1).split('@');
    const digest = parseDigest(text);
    const decoded = percentDecoded(path);
    if (digest === undefined || decoded === undefined) {
      context.addIssue('no package with a digest');
      return z.NEVER;
    }
    return {
      image: decoded,
      digest,
      tags: image.tags,
      sizeBytes: Number(image.imageSizeBytes),
      uploadedAt: new Date(image.uploadTime),
      mediaType: image.mediaType,
      parts: image.imageManifests?.map((part) => part.digest),
    };
  });

/** One page of `dockerImages`; `next` is absent on the last. */
export const dockerImagesPage = z
  .object({
    dockerImages: z.array(DockerImage).default([]),
    nextPageToken: z.string().optional(),
  })
  .transform(({ dockerImages, nextPageToken }) => ({
    images: dockerImages,
    next: nextPageToken === '' ? undefined : nextPageToken,
  }));
