import { describe, expect, it, test } from 'vitest';
import type { PackageList } from '../../src/packages/package-list.ts';
import { packageUrl, readPackageUrl } from '../../src/packages/purl.ts';
import { fromSpdx, toSpdx } from '../../src/packages/spdx.ts';
import { known } from '../support/fixtures.ts';

const DEBIAN: PackageList = {
  format: 'deb',
  distribution: { id: 'debian', version: '12' },
  packages: [
    { name: 'libc6', version: '2.36-9+deb12u9', architecture: 'amd64' },
    { name: 'libc6', version: '2.36-9+deb12u9', architecture: 'i386' },
    { name: 'libstdc++6', version: '12.2.0-14', architecture: 'amd64' },
    { name: 'login', version: '1:4.13+dfsg1-1~deb12u1', architecture: 'amd64' },
  ],
};

const FEDORA: PackageList = {
  format: 'rpm',
  distribution: { id: 'fedora', version: '43' },
  packages: [
    { name: 'kernel-core', version: '6.10~rc1^git1-1.fc43', architecture: 'x86_64' },
    { name: 'kernel-core', version: '6.9-1.fc43', architecture: 'x86_64' },
    { name: 'openssl-libs', version: '1:3.5.4-2.fc43', architecture: 'x86_64' },
    { name: 'tzdata', version: '2026a-1.fc43', architecture: 'noarch' },
  ],
};

const ROLLING = { ...DEBIAN, distribution: { id: 'debian', version: '' } };

interface Document {
  readonly packages: readonly Record<string, unknown>[];
  readonly relationships: readonly Record<string, string>[];
  readonly [key: string]: unknown;
}

const parsed = (list: PackageList) => JSON.parse(JSON.stringify(toSpdx(list))) as Document;

describe.each([
  ['Debian', DEBIAN],
  ['Fedora', FEDORA],
  ['a distribution without a version', ROLLING],
])('the SPDX document of %s', (_, list) => {
  it('can be read back', () => {
    expect(fromSpdx(parsed(list))).toEqual(list);
  });

  it('has the same bytes in whatever order the packages came', () => {
    const turned = { ...list, packages: list.packages.toReversed() };
    expect(JSON.stringify(toSpdx(turned))).toBe(JSON.stringify(toSpdx(list)));
  });

  it('has another namespace for other packages', () => {
    const fewer = { ...list, packages: list.packages.slice(1) };
    expect(parsed(fewer)['documentNamespace']).not.toBe(parsed(list)['documentNamespace']);
  });

  it('has what SPDX 2.3 requires', () => {
    const document = parsed(list);
    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: kubernetes-ci-images'] },
    });
    expect(document['name']).toMatch(/^debian|^fedora/);
    expect(document['documentNamespace']).toMatch(/^https:\/\/[^#]+$/);
    const ids = document.packages.map(({ SPDXID }) => String(SPDXID));
    expect(new Set(ids).size).toBe(list.packages.length + 1);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    for (const one of document.packages) {
      expect(one['name']).not.toBe('');
      expect(one['versionInfo']).not.toBe('');
      expect(one).toMatchObject({ downloadLocation: 'NOASSERTION', filesAnalyzed: false });
    }
    const related = document.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement);
    expect(related.toSorted()).toEqual(ids.toSorted());
    const [first] = document.relationships;
    expect(first).toMatchObject({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
    });
  });
});

test.each<[string, unknown]>([
  ['no object', 'x'],
  ['SPDX 3', { ...toSpdx(DEBIAN), spdxVersion: 'SPDX-3.0' }],
  ['no packages', { spdxVersion: 'SPDX-2.3', packages: [] }],
  ['other packages', { spdxVersion: 'SPDX-2.3', packages: [{ name: 'left-pad' }] }],
])('%s is no package list', (_, document) => {
  expect(fromSpdx(document)).toBeUndefined();
});

describe('a package URL', () => {
  test.each([
    [DEBIAN, 0, 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12'],
    [DEBIAN, 2, 'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12'],
    [DEBIAN, 3, 'pkg:deb/debian/login@1:4.13%2Bdfsg1-1~deb12u1?arch=amd64&distro=debian-12'],
    [ROLLING, 0, 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian'],
    [FEDORA, 0, 'pkg:rpm/fedora/kernel-core@6.10~rc1%5Egit1-1.fc43?arch=x86_64&distro=fedora-43'],
    [FEDORA, 2, 'pkg:rpm/fedora/openssl-libs@3.5.4-2.fc43?arch=x86_64&distro=fedora-43&epoch=1'],
  ] as const)('says the epoch and signs as its type wants it', (list, at, url) => {
    const one = known(list.packages[at]);
    expect(packageUrl(one, list)).toBe(url);
    expect(readPackageUrl(url)).toEqual({ format: list.format, architecture: one.architecture });
  });

  test.each([
    ['rhel', 'redhat'],
    ['opensuse-leap', 'opensuse'],
    ['ubuntu', 'ubuntu'],
  ])('of %s has the vendor %s', (id, vendor) => {
    const list = { ...FEDORA, distribution: { id, version: '9.6' } };
    const [one] = list.packages;
    const url = one && packageUrl(one, list);
    expect(url).toContain(`pkg:rpm/${vendor}/`);
    expect(url).toContain(`distro=${id}-9.6`);
  });

  test.each(['', 'x', 'https://deb/a', 'pkg:npm/left-pad@1', 'pkg:deb/debian/x@1'])(
    'is not %j',
    (text) => {
      expect(readPackageUrl(text)).toBeUndefined();
    },
  );
});
