import { findVersion, publications } from './find-version.ts';
import { formatDiffAsMarkdown, formatDiffAsText, type VersionDiff } from './format-diff.ts';
import { openImage, VERSION_KINDS, type OpenImage } from './open-image.ts';
import { jsonOption, stackOption } from './options.ts';
import { readContents } from './read-contents.ts';
import { EXIT_CODES, flag, subcommand } from './subcommand.ts';
import { LATEST } from '../image-reference.ts';
import { diffContents } from '../packages/diff-contents.ts';
import { inputError, printable } from '../problem.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';

/** `images diff`: how two published versions of an image differ. */
export const diffCommand = subcommand({
  name: 'diff',
  description: 'Show what differs between two published versions of an image, such as packages',
  arguments: [
    ['<name>', 'the name of the image'],
    ['[old]', `${VERSION_KINDS} (default: the newest version but the new one)`],
    ['[new]', `${VERSION_KINDS} (default: latest)`],
  ],
  options: {
    stack: stackOption,
    json: jsonOption,
    markdown: flag('--markdown', 'print Markdown instead of text').conflicts('json'),
  },
  run: async ({ root, out, err }, { stack, json, markdown }, name, old?: string, now = LATEST) => {
    const image = await openImage(root, stack, name);
    const after = findVersion(image, now);
    const before = old === undefined ? versionBeside(image, after) : findVersion(image, old);
    const platforms = await diffVersions(image, before, after);
    const diff = { image: name, before, after, platforms };
    const format = markdown === true ? formatDiffAsMarkdown : formatDiffAsText;
    out(`${json === true ? formatAsJson(diff) : format(diff)}\n`);
    const reasons = Object.entries(platforms).flatMap(([platform, { packages }]) =>
      packages.kind === 'unknown' ? [`${platform}: ${printable(packages.reason)}`] : [],
    );
    for (const reason of reasons)
      err(`warning: the package differences are unknown for ${reason}\n`);
    return reasons.length > 0 ? EXIT_CODES.problem : EXIT_CODES.done;
  },
});

/** The newest version but this one: after a revert, the one that was reverted. */
function versionBeside(image: OpenImage, { digest }: HeldVersion): HeldVersion {
  const newest = publications(image).find((version) => version.digest !== digest);
  if (newest !== undefined) return newest;
  const problem = `${digest} is the only version of ${image.name}`;
  throw inputError('UNKNOWN_VERSION', problem, 'there is a difference after the next publication');
}

async function diffVersions(
  image: OpenImage,
  before: HeldVersion,
  after: HeldVersion,
): Promise<VersionDiff['platforms']> {
  if (before.digest === after.digest) return {};
  const [olds, news] = await Promise.all([
    readContents({ ...image, digest: before.digest }),
    readContents({ ...image, digest: after.digest }),
  ]);
  const platforms = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  return Object.fromEntries(
    platforms.map((platform) => [platform, diffContents(olds[platform], news[platform])]),
  );
}

/** A JSON object with `image`, `before`, `after`, and what differs by platform. Sizes are bytes. */
function formatAsJson({ image, before, after, platforms }: VersionDiff): string {
  const [old, now] = [before, after].map(({ digest, tags, uploadedAt }) => {
    return { digest, tags, uploadedAt };
  });
  return JSON.stringify({ image, before: old, after: now, platforms }, null, 2);
}
