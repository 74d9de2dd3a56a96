import { describe, expect, it } from 'vitest';
import { checkDiskFiles } from '../../src/verify/disk-in-layer.ts';
import { contentFor } from '../../src/verify/pull-disk.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const bytes = (content: unknown) => Buffer.from(JSON.stringify(content));

describe('a manifest leads to', () => {
  it('the layers of its image, lowest first', () => {
    const manifest = { config: { digest: A }, layers: [{ digest: A }, { digest: B }] };
    expect(contentFor('linux/amd64', bytes(manifest))).toEqual({ layers: [A, B] });
  });

  it('the image of the platform, where it is an index', () => {
    const manifests = [
      { digest: A, platform: { os: 'linux', architecture: 'arm64' } },
      { digest: B, platform: { os: 'linux', architecture: 'amd64' } },
    ];
    expect(contentFor('linux/amd64', bytes({ manifests }))).toEqual({ image: B });
    expect(contentFor('linux/s390x', bytes({ manifests }))).toBeUndefined();
  });

  it('nothing, where it is neither, or both', () => {
    for (const content of [{}, { layers: [{ digest: 'a' }] }, { layers: [], manifests: [] }]) {
      expect(contentFor('linux/amd64', bytes(content))).toBeUndefined();
    }
    expect(contentFor('linux/amd64', Buffer.from('no JSON'))).toBeUndefined();
  });
});

describe("KubeVirt's disk", () => {
  const plain = { path: 'disk/disk.qcow2', size: 1, isRegular: true, mode: 0o444, owner: 107 };

  it.each([
    ['is readable by all', { mode: 0o444, owner: 0 }],
    ['is readable by its owner, user 107', { mode: 0o400 }],
  ])('%s', (_, file) => {
    expect(checkDiskFiles([{ ...plain, ...file }]).path).toBe(plain.path);
  });

  it.each([
    ["can't be read by user 107", [{ ...plain, mode: 0o440, owner: 0 }]],
    ["can't be read by user 107", [{ ...plain, mode: 0o044 }]],
    ['has 0 files', []],
    ['has 2 files', ['disk/a', 'disk/b'].map((path) => ({ ...plain, path }))],
    ['is no plain file', [{ ...plain, isRegular: false }]],
    ['is no plain file', [{ ...plain, path: 'disk/../../etc/shadow' }]],
    ['is no plain file', [{ ...plain, path: 'disk/..' }]],
    ['is no plain file', [{ ...plain, path: 'disk/sub/disk.qcow2' }]],
  ])('is refused when it %s', (problem, files) => {
    expect(() => checkDiskFiles(files)).toThrow(problem);
    expect(() => checkDiskFiles(files)).toThrow('NO_DISK');
  });
});
