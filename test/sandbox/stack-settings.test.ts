import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { stackSettings } from '../../infra/sandbox/stack-settings.ts';

const SETTINGS = {
  'kubernetes-ci-images:registry': '127.0.0.1:5000',
  'kubernetes-ci-images:repositoryPrefix': 'kubernetes-ci-images',
  'kubernetes-ci-images:catalog': '.sandbox/images.yml',
};

test('the first settings name the registry, the prefix and the catalog', () => {
  expect(parse(stackSettings('', '127.0.0.1:5000'))).toEqual({ config: SETTINGS });
});

test('the salt and settings of the user’s own stay', () => {
  const previous =
    'encryptionsalt: v1:abc\nconfig:\n  kubernetes-ci-images:registry: old\n  kubernetes-ci-images:source: here # mine\n';
  const text = stackSettings(previous, '127.0.0.1:5000');
  expect(parse(text)).toEqual({
    encryptionsalt: 'v1:abc',
    config: { ...SETTINGS, 'kubernetes-ci-images:source': 'here' },
  });
  expect(text).toContain('# mine');
});

test('writing the same settings again changes nothing', () => {
  const once = stackSettings('encryptionsalt: v1:abc\n', '127.0.0.1:5000');
  expect(stackSettings(once, '127.0.0.1:5000')).toBe(once);
});
