import { describe, expect, test } from 'vitest';
import { nextPage } from '../../src/registry/listing-requests.ts';

const CURRENT = new URL('https://registry.test/v2/a/tags/list?n=2');

describe('the next page', () => {
  test.each([
    ['/v2/a/tags/list?n=2&last=b', 'https://registry.test/v2/a/tags/list?n=2&last=b'],
    ['?n=2&last=b', 'https://registry.test/v2/a/tags/list?n=2&last=b'],
    ['http://inside:5000/v2/x?last=b', 'https://registry.test/v2/x?last=b'],
    ['//evil.test/v2/x', 'https://registry.test/v2/x'],
    ['https://registry.test//evil.test/x', 'https://registry.test//evil.test/x'],
    ['https://registry.test/\\evil.test/x', 'https://registry.test//evil.test/x'],
  ])('%s is at the same registry', (target, url) => {
    expect(nextPage(`<${target}>; rel="next"`, CURRENT)?.href).toBe(url);
  });

  test('is none where no link is the next one', () => {
    expect(nextPage(null, CURRENT)).toBeUndefined();
    expect(nextPage('</v2/>; rel="prev"', CURRENT)).toBeUndefined();
  });

  test.each(['http://[', 'mailto:next', 'file:///etc/passwd'])(
    '%s is no address, and no end either',
    (target) => {
      expect(() => nextPage(`<${target}>; rel=next`, CURRENT)).toThrow(/^REGISTRY_ANSWER /);
    },
  );
});
