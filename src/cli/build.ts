import process from 'node:process';
import { InvalidArgumentError } from 'commander';
import { jsonOption, secondsOption, stackOption } from './options.ts';
import { planCheckout } from './read-stack.ts';
import { findImage } from '../plan/publish-only.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { unknownPlatform } from './verify.ts';
import { START_SECONDS } from '../build/build-changes.ts';
import type { BuildResult } from '../build/build-results.ts';
import { failureOf, formatBuildAsText } from '../build/format-builds.ts';
import { tryAndCompare } from '../build/try-and-compare.ts';
import { localCommit } from '../git/checkout-state.ts';
import { provenance } from '../plan/provenance.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { normalPlatform } from '../platforms.ts';
import type { Settings } from '../settings/settings.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';

/** `images build`: tries what the next run of a stack would build, here and without a push. */
export const buildCommand = subcommand({
  name: 'build',
  description: 'Build an image here, start it and list what changed in it; push nothing',
  arguments: [['<name>', 'the name of the image in the catalog']],
  options: {
    stack: stackOption,
    platform: option('--platform <platform>', 'one of the image (default: all of them)'),
    keep: flag('--keep', 'keep the image in the Docker Engine'),
    timeout: secondsOption(
      '--timeout <seconds>',
      'how long a build may take, downloads included (default: buildTimeoutSeconds)',
    ),
    startTimeout: secondsOption(
      '--start-timeout <seconds>',
      'how long the image may take to come up (default: verifyTimeoutSeconds, or 600)',
    ),
    space: option(
      '--space <gigabytes>',
      'how much a build may take on the disk of the Docker Engine (default: previewBuildGigabytes)',
      parseGigabytes,
    ),
    json: jsonOption,
  },
  run: async ({ root, out, err }, options, name) => {
    const { stack, platform, keep, json } = options;
    const plan = planCheckout(root, stack);
    const { settings } = plan;
    const image = findImage(plan, name);
    const builds = chooseBuilds(image, platform, settings.catalogFile);
    const note = (line: string) => {
      err(`${line}\n`);
    };
    const results = await untilInterrupted(async (signal) => {
      const tried: BuildResult[] = [];
      for (const build of builds) {
        const limits = {
          seconds: options.timeout ?? settings.buildTimeout,
          bytes: options.space ?? settings.previewBuilds.bytes,
        };
        const result = await tryAndCompare(image, build, {
          root,
          limits,
          startTimeout: options.startTimeout ?? settings.verifyTimeout ?? START_SECONDS,
          keepAs: keep === true ? keptName(image, build) : undefined,
          origin: originOf(root, settings),
          signal,
          note,
        });
        tried.push(result);
      }
      return tried;
    });
    const text = results.map((result) => formatBuildAsText(result)).join('\n');
    out(`${json === true ? JSON.stringify(results, null, 2) : text}\n`);
    const hasFailed = results.some((result) => failureOf(result) !== undefined);
    return hasFailed ? EXIT_CODES.problem : EXIT_CODES.done;
  },
});

/** Where a build of the checkout comes from, with the time of now as that of the build. */
export function originOf(root: string, { source }: Pick<Settings, 'source'>) {
  const origin = provenance(process.env, localCommit(root), source);
  return {
    ...origin,
    created: `${new Date().toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`,
  };
}

/** Throws an InvalidInputError for a platform that the image does not have. */
function chooseBuilds(
  image: PlannedImage,
  chosen: string | undefined,
  file: string,
): readonly PlatformBuild[] {
  if (chosen === undefined) return image.builds;
  const builds = image.builds.filter(({ platform }) => platform === normalPlatform(chosen));
  if (builds.length > 0) return builds;
  throw unknownPlatform(image, chosen, file);
}

/** A name that no registry has: nobody shall push the image by hand. */
function keptName({ name }: PlannedImage, { tag }: PlatformBuild): string {
  return `localhost/${name}:${tag}`;
}

function parseGigabytes(text: string): number {
  const number = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && number > 0 && number <= 1000) return number * 1e9;
  throw new InvalidArgumentError('Write gigabytes, more than 0 and at most 1000.');
}
