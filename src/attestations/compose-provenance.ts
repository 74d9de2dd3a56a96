import { diskRecipe, isBuilt, type BaseImage, type DiskImage } from '../catalog/image.ts';
import { formatImageReference } from '../image-reference.ts';
import { plainUrl } from '../url.ts';
import type { PlatformBuild, TaggedImage } from '../tag/tag-catalog.ts';
import type { Dependency, Provenance } from './provenance.ts';

/** README.md beside this file describes them. */
const BUILD_TYPE = 'https://kubernetes-ci-images.github.io/build/v1';

const COPY_TYPE = 'https://kubernetes-ci-images.github.io/copy/v1';

/** The builder of a run without a pipeline, on somebody's machine. */
const BY_HAND = 'https://kubernetes-ci-images.github.io/by-hand';

/** What was recorded of the first publication. Empty strings where nothing is known. */
interface BuildRun {
  readonly revision: string;
  readonly source: string;
  readonly pipeline: string;
  readonly created: string;
  /** Whether an earlier run has pushed the image, and was interrupted: nobody has kept which one. */
  readonly isEarlier: boolean;
}

/**
 * The provenance of the image for one platform, before its end is known. It is at SLSA's Build L1: the program that
 * builds writes it, and the platform that runs the program does not vouch for it.
 */
export function composeProvenance(
  image: TaggedImage,
  { platform, tag, inputs }: PlatformBuild,
  { revision, source, pipeline, created, isEarlier }: BuildRun,
): Provenance {
  const { name, kind, distribution, version } = image;
  const entry = { name, kind, distribution, version, ...recipeOf(image, platform) };
  return {
    buildDefinition: {
      buildType: isBuilt(image) ? BUILD_TYPE : COPY_TYPE,
      externalParameters: withoutEmpty({ source, revision, platform, image: withoutEmpty(entry) }),
      internalParameters: { tag: image.tag, platformTag: tag, inputs },
      resolvedDependencies: dependencies(image, { platform, tag, inputs }, { revision, source }),
    },
    runDetails: {
      // The project whose pipelines ran, without the number of the run.
      builder: { id: pipeline === '' ? BY_HAND : pipeline.replace(/\/[^/]*$/, '') },
      metadata: isEarlier ? {} : withoutEmpty({ invocationId: pipeline, startedOn: created }),
    },
  };
}

function recipeOf(image: TaggedImage, platform: string) {
  if (!isBuilt(image)) return { from: formatImageReference(image.from), holds: image.holds };
  const { context, dockerfile, target, args } = image;
  const ofKind =
    image.kind === 'container'
      ? { base: formatImageReference(image.base), snapshot: image.snapshot }
      : { disk: publicRecipe(image, platform) };
  return { context, dockerfile, target, args, ...ofKind };
}

function dependencies(
  image: TaggedImage,
  { platform, inputs }: PlatformBuild,
  { revision, source }: Pick<BuildRun, 'revision' | 'source'>,
): Dependency[] {
  const found: Dependency[] = [];
  // A work tree with changes has `-dirty` behind its commit, and is no commit.
  if (/^[0-9a-f]{40,64}$/.test(revision)) {
    const uri = source === '' ? undefined : `git+${source}`;
    found.push(withoutEmpty({ name: 'source', uri, digest: { gitCommit: revision } }));
  }
  if (!isBuilt(image)) return [...found, ofImage('image', image.from)];
  if (image.kind === 'container') {
    found.push(ofImage('base', image.base));
  } else {
    const { url, checksum } = publicRecipe(image, platform).source;
    found.push({ name: 'disk', uri: url, digest: digestSet(checksum) });
  }
  if (inputs.dockerfile !== undefined) {
    found.push({ name: image.dockerfile, digest: { sha256: inputs.dockerfile } });
  }
  if (inputs.context !== undefined) {
    // Not the hash of a file: of what a build sees of a folder (hash-context.ts).
    const digest = { kubernetesCiImagesContext: inputs.context };
    found.push({ name: `${image.context || '.'}/`, digest });
  }
  return found;
}

function ofImage(name: string, { registry, repository, tag, digest }: BaseImage): Dependency {
  const uri = `oci://${formatImageReference({ registry, repository, tag })}`;
  return { name, uri, digest: digestSet(digest) };
}

/** How a disk is made, by a URL as everybody may read it. */
function publicRecipe(image: DiskImage, platform: string) {
  const { source, enlargeBy } = diskRecipe(image, platform);
  return { source: { ...source, url: plainUrl(source.url) }, enlargeBy };
}

function digestSet(digest: string): Record<string, string> {
  const [algorithm = '', hash = ''] = digest.split(':');
  return { [algorithm]: hash };
}

function withoutEmpty<Value extends object>(value: Value): Value {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined && part !== '');
  return Object.fromEntries(entries) as Value;
}

/** The provenance of an image that was attested at this time. */
export function finish(provenance: Provenance, finishedOn: Date): Provenance {
  const { builder, metadata } = provenance.runDetails;
  const time = `${finishedOn.toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
  return { ...provenance, runDetails: { builder, metadata: { ...metadata, finishedOn: time } } };
}
