import { findVersion } from './find-version.ts';
import { openImage, VERSION_KINDS } from './open-image.ts';
import { choosePlatform, jsonOption, platformOption, stackOption } from './options.ts';
import { readPackages } from './read-contents.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { DEFAULT_PLATFORM } from '../catalog/image.ts';
import { LATEST } from '../image-reference.ts';
import { meantPlatform, normalPlatform } from '../platforms.ts';
import { inputError, printable } from '../problem.ts';
import { didYouMean } from '../yaml/wording.ts';

/** `images packages`: what is installed in a version of an image. */
export const packagesCommand = subcommand({
  name: 'packages',
  description: 'List the packages of a published image',
  arguments: [
    ['<name>', 'the name of the image'],
    ['[version]', `${VERSION_KINDS} (default: latest)`],
  ],
  options: {
    stack: stackOption,
    platform: platformOption,
    json: jsonOption,
  },
  run: async ({ root, out }, { stack, platform: chosen, json }, name, version: string = LATEST) => {
    const image = await openImage(root, stack, name);
    const { digest, tags, uploadedAt } = findVersion(image, version);
    const lists = await readPackages({ ...image, digest });
    const platforms = Object.keys(lists);
    const platform = choosePlatform(platforms, chosen);
    if (platform === undefined) {
      const wanted = normalPlatform(chosen ?? DEFAULT_PLATFORM);
      const meant = platforms.find((each) => each === meantPlatform(wanted));
      const remedy = didYouMean(meant, `choose one of ${platforms.join(', ')}`);
      throw inputError('UNKNOWN_PLATFORM', `${name} is not for ${wanted}`, remedy);
    }
    const packages = lists[platform] ?? { kind: 'unknown', reason: 'it has no image' };
    if (packages.kind === 'unknown') {
      const problem = `the packages of ${name}@${digest} for ${platform} are unknown: ${printable(packages.reason)}`;
      const remedy = 'choose another version, such as one that was published later';
      throw inputError('PACKAGES_UNKNOWN', problem, remedy);
    }
    const { list } = packages;
    const facts = { image: name, digest, tags, uploadedAt, platform, ...list };
    const lines = list.packages.map((each) =>
      printable(`${each.name} ${each.version} ${each.architecture}`),
    );
    out(`${json === true ? JSON.stringify(facts, null, 2) : lines.join('\n')}\n`);
    return EXIT_CODES.done;
  },
});
