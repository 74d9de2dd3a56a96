import { expect, test } from 'vitest';
import type { Need } from '../../src/branches/references.ts';
import { promotedVersions } from '../../src/promotion/promoted-versions.ts';
import { resolveNeeds } from '../../src/retention/resolve-needs.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, held, tag } from '../retention/retention-fixture.ts';

const RELEASE = branch('release-1.3');
const IMAGE = 'debian-12';
const [FIRST, SECOND] = [tag('aa11'.repeat(8)), tag('bb22'.repeat(8))];

/** As `listVersions` lists an index of two images, of which one may have been published before there was an index. */
function promoted(need: Need, tagsOfMember: readonly string[]) {
  const [member, index] = [digest('a'), digest('c')];
  const members = [
    { digest: member, platform: 'linux/amd64' },
    { digest: digest('b'), platform: 'linux/arm64' },
  ];
  const versions = [
    held(IMAGE, 2, { digest: member, tags: tagsOfMember }),
    held(IMAGE, 1, { digest: index, tags: [SECOND, 'latest'], members }),
  ];
  const references = { branches: [RELEASE], needs: [need] };
  return promotedVersions(resolveNeeds(references, versions), versions);
}

test('the image for a platform is promoted with its index', () => {
  const needed = { ...need(RELEASE, IMAGE), isBare: false, digest: digest('a') };
  const tags = [`${FIRST}-linux-amd64`];
  expect(promoted(needed, tags)).toEqual([{ image: IMAGE, digest: digest('c'), tags: [SECOND] }]);
});

test.each([
  ['by its tag', need(RELEASE, IMAGE, FIRST)],
  ['by the alias of the branch', need(RELEASE, IMAGE)],
])('what was published before it became one of several platforms is itself, %s', (_, needed) => {
  const itself = { image: IMAGE, digest: digest('a'), tags: [FIRST] };
  expect(promoted(needed, [FIRST, RELEASE.alias])).toEqual([itself]);
});
