import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branchPage, imagePage } from '../../src/page/file-names.ts';
import { HOSTILE } from './hostile.ts';

test('has plain names as they are', () => {
  expect(imagePage('vm-ubuntu-24.04')).toBe('images/vm-ubuntu-24.04.html');
  expect(branchPage({ source: 'kubespray', branch: 'release-2.31' })).toBe(
    'branches/kubespray--release-2.31.html',
  );
});

// A link that somebody has kept leads to the same image.
test('never names a page in another way', () => {
  expect(imagePage('Team/Image')).toBe('images/team-image~995a1c67fc73062c.html');
});

test.each(HOSTILE)('makes a safe name of %j', (name) => {
  expect(imagePage(name)).toMatch(/^images\/[a-z0-9_~-][a-z0-9._~-]{0,140}\.html$/);
});

test('tells names apart, even where case does not count', () => {
  const part = fc.oneof(fc.stringMatching(/^[aA./~-]{1,4}$/), fc.string({ unit: 'binary' }));
  const names = fc.uniqueArray(fc.tuple(part, part), {
    selector: (parts) => JSON.stringify(parts),
    maxLength: 12,
  });
  fc.assert(
    fc.property(names, (pairs) => {
      const paths = pairs.map(([source, branch]) => branchPage({ source, branch }).toLowerCase());
      expect(new Set(paths).size).toBe(pairs.length);
    }),
  );
});
