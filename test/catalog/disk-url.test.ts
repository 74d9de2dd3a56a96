import { describe, expect, test } from 'vitest';
import { isSameFile } from '../../src/catalog/disk-url.ts';

const FEDORA = 'linux/releases/37/Cloud/x86_64/images/Fedora-Cloud-Base-37-1.7.x86_64.qcow2';
const NOBLE = 'noble/20260323/noble-server-cloudimg-amd64.img';

describe('a file has only moved', () => {
  test.each([
    ['to an archive', `https://a.test/pub/fedora/${FEDORA}`, `https://b.test/archive/${FEDORA}`],
    ['on its host', `https://a.test/pub/fedora/${FEDORA}`, `https://a.test/archive/${FEDORA}`],
    ['to a mirror with a number', `https://a.test/${NOBLE}`, `https://b.test/mirror2/${NOBLE}`],
    ['to https', `http://a.test/${NOBLE}`, `https://a.test/${NOBLE}`],
  ])('%s', (_, before, after) => {
    expect(isSameFile(before, after)).toBe(true);
  });
});

describe('a URL is that of another build', () => {
  test.each([
    ['by a date', NOBLE, NOBLE.replace('20260323', '20260401')],
    ['by a version', FEDORA, FEDORA.replaceAll('37', '38')],
    ['by a point release', FEDORA, FEDORA.replace('1.7', '1.8')],
    ['by one more number', '9/x.img', '9/5/x.img'],
    ['by a name', NOBLE, NOBLE.replaceAll('noble', 'jammy')],
  ])('%s', (_, before, after) => {
    expect(isSameFile(`https://a.test/${before}`, `https://a.test/${after}`)).toBe(false);
  });

  test('on another host as well', () => {
    const after = `https://b.test/${NOBLE.replace('20260323', '20260401')}`;
    expect(isSameFile(`https://a.test/${NOBLE}`, after)).toBe(false);
  });
});
