import { createHash } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { openDockerfile } from '../../src/build/open-dockerfile.ts';
import { diskRecipe, type BuildFiles } from '../../src/catalog/image.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { formatImageReference, parseDigest } from '../../src/image-reference.ts';
import type { PlannedBuild, PlannedImage } from '../../src/plan/plan-stack.ts';
import { immutableTag } from '../../src/tag/build-inputs.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';
import {
  done,
  failed,
  outcomeOf,
  silenceRepeatedErrors,
  type Outcome,
} from '../engine/resources.ts';
import type { PublicationLookup } from '../oci/resources.ts';
import type { BuildTimeouts } from './build-timeouts.ts';
import type { Builders, Place } from './builders.ts';
import type { OpenDisk } from './disk-contexts.ts';
import { adoptedImage, builtImage, dockerImageName } from './docker-image.ts';

export interface PlatformImageArgs {
  readonly image: PlannedBuild;
  readonly build: PlatformBuild;
  readonly publication: PublicationLookup;
  /** Makes the folder that a VM disk is built from. */
  readonly openDisk: OpenDisk;
  readonly buildTimeouts: BuildTimeouts;
  /** Where images are built. */
  readonly builders: Builders;
}

type DigestOutcome = pulumi.Output<Outcome<string>>;

/** The image of one platform that the registry has: read, and not built. */
export function adoptImage(
  image: PlannedImage,
  found: { readonly platform: string; readonly tag: string; readonly digest: string },
  options: pulumi.CustomResourceOptions,
): DigestOutcome {
  const adopted = silenceRepeatedErrors(adoptedImage(image, found, options));
  return outcomeOf(adopted.id.apply(() => found.digest));
}

/** The image of one platform, built and pushed; its digest. */
export function buildImage(args: PlatformImageArgs, parent: pulumi.Resource): DigestOutcome {
  const { image, build, builders } = args;
  const entering = builders.enter(dockerImageName(image, build.platform), build.platform);
  return outcomeOf(pulumi.output(entering)).apply((entered): DigestOutcome => {
    if (entered.kind === 'failed') return pulumi.output(entered);
    const place = entered.value;
    // A preview writes no files: the context in the checkout shows what will be built.
    const built = pulumi.runtime.isDryRun()
      ? push(args, image, place, parent)
      : buildFromFiles(args, place, parent);
    return built.apply((outcome) => {
      place.leave();
      return outcome;
    });
  });
}

function buildFromFiles(
  args: PlatformImageArgs,
  place: Place,
  parent: pulumi.Resource,
): DigestOutcome {
  return outcomeOf(pulumi.output(open(args))).apply((opened): DigestOutcome => {
    if (opened.kind === 'failed') return pulumi.output(opened);
    const { release, ...files } = opened.value;
    return push(args, files, place, parent).apply(async (outcome) => {
      await release().catch((cause: unknown) =>
        pulumi.log.warn(`${files.dockerfile} could not be removed: ${String(cause)}`, parent),
      );
      return outcome;
    });
  });
}

/** What Docker builds from, until `release`: with a disk, its own context, and a Dockerfile with the label. */
async function open({ image, build: { platform, inputs }, openDisk }: PlatformImageArgs) {
  const disk = image.kind === 'vm-disk' ? await openDisk(diskRecipe(image, platform)) : undefined;
  const context = disk?.folder ?? image.context;
  const recipe = { ...image, tag: immutableTag(inputs) };
  const folder = dockerfileFolder(dockerImageName(image, platform));
  const labelled = await openDockerfile(folder, recipe).catch(async (error: unknown) => {
    await disk?.release();
    throw error;
  });
  const release = async () => {
    await disk?.release();
    await labelled.release();
  };
  return { context, dockerfile: labelled.dockerfile, release };
}

/** One for each image of a stack: one run at a time builds it. */
function dockerfileFolder(name: string): string {
  const owner = JSON.stringify([process.cwd(), pulumi.getStack(), name]);
  const key = createHash('sha256').update(owner).digest('hex').slice(0, 32);
  return join(cacheFolder(), 'dockerfiles', key);
}

function push(
  { image, build, publication, buildTimeouts }: PlatformImageArgs,
  files: BuildFiles,
  { provider, leave, explain }: Place,
  parent: pulumi.Resource,
): DigestOutcome {
  const end = buildTimeouts.begin(image.name, leave);
  const options = { parent, provider: provider() };
  const built = silenceRepeatedErrors(builtImage({ image, build, files, publication }, options));
  return outcomeOf(built.repoDigest).apply<Outcome<string>>(async (pushed) => {
    end();
    if (pushed.kind === 'failed') {
      // The SDK only says that the resource failed, and the docker plug-in does not name the image.
      const { registry, repository } = image;
      const name = formatImageReference({ registry, repository, tag: build.tag });
      return failed(await explain({ registry, name }));
    }
    const digest = parseDigest(pushed.value.split('@')[1] ?? '');
    return digest === undefined
      ? failed(`the push reported no digest: "${pushed.value}"`)
      : done(digest);
  });
}
