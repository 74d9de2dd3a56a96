import { originOf } from './build.ts';
import { jsonOption, readPreview, stackOption } from './options.ts';
import { changedImages } from './plan.ts';
import { planCheckout } from './read-stack.ts';
import { EXIT_CODES, option, subcommand } from './subcommand.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { buildChanges, hasFailed, type Change } from '../build/build-changes.ts';
import type { BuildResults } from '../build/build-results.ts';
import { formatBuildsAsText } from '../build/format-builds.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { inputError } from '../problem.ts';
import { isMade, summarize, type ImageChange } from '../review/summarize.ts';

/** `images build-changes`: builds what a merge request changes, and pushes nothing. */
export const buildChangesCommand = subcommand({
  name: 'build-changes',
  description: 'Build and start here what a merge request changes; push nothing',
  options: {
    stack: stackOption,
    preview: option('--preview <file>', 'build what this output of `pulumi preview --json` builds'),
    against: option(
      '--against <revision>',
      'without a preview: build what has a new or changed tag since then',
    ),
    json: jsonOption,
  },
  run: async ({ root, out, err }, { stack, preview, against, json }) => {
    const print = (results: BuildResults) => {
      const text = json === true ? JSON.stringify(results, null, 2) : formatBuildsAsText(results);
      out(`${text}\n`);
    };
    const planned = preview === undefined ? undefined : readPreview(root, preview);
    const toBuild = planned && summarize(planned, new Date()).images.filter(isMade);
    // Most merge requests change no image: the catalog need not be read then.
    if (toBuild?.length === 0) {
      print({ builds: [] });
      return EXIT_CODES.done;
    }
    const { images, settings } = planCheckout(root, stack);
    const changes =
      toBuild === undefined
        ? changesSince(images, root, settings.catalogFile, against)
        : changesOf(images, toBuild);
    const results = await untilInterrupted((signal) =>
      buildChanges(changes, {
        root,
        settings,
        origin: originOf(root, settings),
        signal,
        note: (line) => {
          err(`${line}\n`);
        },
      }),
    );
    print(results);
    return hasFailed(results, settings) ? EXIT_CODES.problem : EXIT_CODES.done;
  },
});

/** The builds, in the catalog's order. The preview of an image for one platform names no platform. */
function changesOf(
  images: readonly PlannedImage[],
  toBuild: readonly ImageChange[],
): readonly Change[] {
  const platformsOf = new Map(toBuild.map(({ name, platforms }) => [name, platforms]));
  return images.flatMap((image) => {
    const platforms = platformsOf.get(image.name);
    if (platforms === undefined) return [];
    const builds = image.builds.filter(
      ({ platform }) => platforms.length === 0 || platforms.includes(platform),
    );
    return builds.map((build) => ({ image, build }));
  });
}

function changesSince(
  images: readonly PlannedImage[],
  root: string,
  file: string,
  against: string | undefined,
): readonly Change[] {
  if (against === undefined) {
    const remedy = 'name a preview with --preview, or a revision with --against';
    throw inputError('NOTHING_NAMED', 'nothing says what to build', remedy);
  }
  return changedImages(images, root, file, against).flatMap((image) =>
    image.builds.map((build) => ({ image, build })),
  );
}
