import { describe, expect, test } from 'vitest';
import { compareWithCatalog, formatVersion } from '../../src/branches/references.ts';
import { readerKey } from '../../src/branches/source.ts';
import { loadTaggedImages } from '../../src/tag/tag-catalog.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { CATALOG, checkout } from '../cli/checkout-fixture.ts';
import { git } from '../git/git-repository.ts';
import {
  briefly,
  CLOUD_IMAGES,
  DIRECT,
  find,
  problemsWith,
  repositoryWith,
  someSource,
} from './some-source.ts';
import { FILE } from '../retention/retention-fixture.ts';
import { known } from '../support/fixtures.ts';

const UBUNTU = 'tests/files/packet_ubuntu.yml';
const MOLECULE = 'roles/etcd/molecule/default/molecule.yml';

/** Kubespray, in small: renamed and moved files, one direct reference, a fork's folder, submodules. */
const KUBESPRAY = {
  main: {
    'tests/files/ubuntu.yml': '---\ncloud_image: ubuntu-2404\n',
    [MOLECULE]: 'platforms:\n  - name: x\n  - cloud_image: "rockylinux-9"\n',
    '.gitlab-ci/vm.yml': 'image: quay.io/kubespray/vm-kubespray-ci:v13\n',
    'docs/other.yml': 'cloud_image: nobody\n',
    'tests/files/link.yml': { symlink: '../../roles/etcd/molecule/default/molecule.yml' },
    'tests/files/folder.yml': { symlink: '../../docs' },
    'tests/files/module.yml': { submodule: 'a'.repeat(40) },
  },
  'release-2.31': {
    [UBUNTU]: 'cloud_image: ubuntu-2404\n# cloud_image: gone\n',
    'tests/files/packet_again.yml': 'cloud_image: ubuntu-2404\n',
    '.gitlab-ci.yml': 'image: quay.io/kubespray/vm-kubespray-ci:v11\n',
  },
  'release-2.9': {
    [UBUNTU]: 'cloud_image: ubuntu-1804\n',
    '.gitlab-ci.yml': 'image: quay.io/kubespray/vm-kubespray-ci:v1\n',
  },
  'release-2.30': {
    [UBUNTU]: 'cloud_image: ubuntu-2204\n',
    '.gitlab-ci.yml': 'image: quay.io/kubespray/vm-kubespray-ci:v11\n',
  },
};
const RULE = { branches: { releases: 'release-*', newest: 2 }, references: [CLOUD_IMAGES, DIRECT] };

test("Kubespray's ways are all read, on each branch as they are there", () => {
  const { branches, needs } = find(someSource(repositoryWith(KUBESPRAY), RULE));
  expect(branches.map(({ branch, alias }) => [branch, alias])).toEqual([
    ['main', 'main'],
    ['release-2.31', 'release-2.31'],
    ['release-2.30', 'release-2.30'],
  ]);
  expect(needs.map(briefly)).toEqual([
    `main rockylinux-9:latest ${MOLECULE}:3 tests/files/link.yml:3`,
    'main ubuntu-2404:latest tests/files/ubuntu.yml:2',
    'main vm-kubespray-ci:v13 .gitlab-ci/vm.yml:1',
    `release-2.31 ubuntu-2404 tests/files/packet_again.yml:1 ${UBUNTU}:1`,
    'release-2.31 vm-kubespray-ci:v11 .gitlab-ci.yml:1',
    `release-2.30 ubuntu-2204 ${UBUNTU}:1`,
    'release-2.30 vm-kubespray-ci:v11 .gitlab-ci.yml:1',
  ]);
});

test('what is not in the catalog, and what nobody references, is listed in order', () => {
  // A template makes Kubespray's keys the names of VM disks.
  const template = { ...CLOUD_IMAGES, image: 'vm-${image}' };
  const source = someSource(repositoryWith(KUBESPRAY), { ...RULE, references: [template] });
  const names = ['vm-ubuntu-2404', 'vm-suse', 'debian-12'];
  expect(compareWithCatalog(find(source), [source], names)).toEqual({
    notInCatalog: { consumers: ['vm-rockylinux-9', 'vm-ubuntu-2204'], catalogs: [] },
    notReferenced: ['debian-12', 'vm-suse'],
  });
});

test('a branch says which it is, how long its history is, and what each reader found', () => {
  const twice = { ...DIRECT, files: DIRECT.files.toReversed(), image: 'vm-${image}' };
  const rule = { ...RULE, references: [...RULE.references, twice] };
  const { branches } = find(someSource(repositoryWith(KUBESPRAY), rule));
  const [cloudImages = '', direct = ''] = someSource('.', RULE).references.map(readerKey);
  const both = ['vm-kubespray-ci', 'vm-vm-kubespray-ci'];
  expect(branches.map(({ isDefault, commits, found }) => [isDefault, commits, found])).toEqual([
    [true, 1, { [cloudImages]: ['rockylinux-9', 'ubuntu-2404'], [direct]: both }],
    [false, 1, { [cloudImages]: ['ubuntu-2404'], [direct]: both }],
    [false, 1, { [cloudImages]: ['ubuntu-2204'], [direct]: both }],
  ]);
});

describe('pins', () => {
  const pinned = (pins: object) => someSource(repositoryWith(KUBESPRAY), { ...RULE, pins });

  test('give a branch that names an image alone its version', () => {
    const pins = {
      main: { 'ubuntu-2404': 'v7' },
      'release-2.31': { 'ubuntu-2404': `sha256:${'a'.repeat(64)}` },
    };
    const { needs } = find(pinned(pins));
    const versions = needs.filter(({ image }) => image === 'ubuntu-2404').map(formatVersion);
    expect(versions).toEqual(['ubuntu-2404:v7', `ubuntu-2404@sha256:${'a'.repeat(64)}`]);
  });

  test.each([
    ['release-2.13', 'ubuntu-2404', 'there is no branch "release-2.13" to pin', 'release-2.31'],
    ['release-2.31', 'ubunto-2404', 'no supported branch names "ubunto-2404"', 'ubuntu-2404'],
    ['release-2.31', 'x', 'no supported branch names "x"', undefined],
  ])('of what is not there say so, and what is near: %s %s', (branch, image, problem, near) => {
    const { pinLines, warnings } = find(
      pinned({ [branch]: { [image]: 'v7' }, main: { 'ubuntu-2404': 'v7' } }),
    );
    const remedy = near === undefined ? 'delete the line' : `did you mean ${near}?`;
    const reason = `${FILE}: ${problem}; ${remedy}`;
    expect(pinLines).toEqual({
      [`kubespray ${branch} ${image}`]: reason,
      'kubespray main ubuntu-2404': '',
    });
    expect(warnings).toContain(`kubespray: ${reason}`);
  });

  test('that an edit of the repository made useless are a warning', () => {
    const { warnings } = find(
      pinned({
        'release-2.9': { 'ubuntu-1804': 'v7' },
        'release-2.31': { 'rockylinux-9': 'v7', 'vm-kubespray-ci': 'v7' },
      }),
    );
    expect(warnings.filter((text) => text.includes('pins'))).toEqual([
      'kubespray: pins has release-2.9, which is not supported: delete it',
      'kubespray: pins has rockylinux-9 of release-2.31, which does not name it alone: delete it',
      'kubespray: pins has vm-kubespray-ci of release-2.31, which does not name it alone: delete it',
    ]);
  });
});

describe('with the reader of catalogs', () => {
  const CATALOGS = { references: [{ catalog: 'config/images.yml' }] };

  test('a branch needs the tags that its own checkout would publish', () => {
    const root = checkout({});
    git(root, ['init', '--quiet', '--initial-branch=main']);
    git(root, ['add', '.']);
    git(root, ['commit', '--quiet', '--message=x']);
    const [planned] = loadTaggedImages(workingTree(root), 'config/images.yml');
    const { needs } = find(someSource(root, CATALOGS));
    expect(needs.map(briefly)).toEqual([
      `main debian-12:${planned?.tag ?? ''} config/images.yml:${planned?.line ?? ''}`,
    ]);
  });

  test('a catalog that is broken, or not there, is reported by source, branch, file and line', () => {
    const root = repositoryWith({
      main: { 'config/images.yml': CATALOG },
      old: { 'config/images.yml': 'images: 7\n' },
      older: { README: '' },
    });
    const source = someSource(root, { ...CATALOGS, branches: { only: ['main', 'old', 'older'] } });
    expect(problemsWith(source).map(({ code, file, line }) => [code, file, line])).toEqual([
      ['CONTEXT_MISSING', 'kubespray@main:config/images.yml', 5],
      ['WRONG_TYPE', 'kubespray@old:config/images.yml', 1],
      ['FILE_MISSING', 'kubespray@older:config/images.yml', undefined],
    ]);
  });
});

describe('nothing found never means nothing needed', () => {
  test.each([
    ['no file matches', '.files[0]', { 'other.yml': 'cloud_image: a1' }],
    ['a glob matches no file', '.files[0]', { [MOLECULE]: 'cloud_image: a1' }],
    [
      'the files of a glob are gone but for one that names nothing',
      '.files[0]',
      { 'tests/files/a.yml': 'mode: ha', [MOLECULE]: 'cloud_image: a1' },
    ],
    ['no line matches', '', { 'tests/files/a.yml': '# cloud_image: a1' }],
  ])('a supported branch in which %s', (_, place, files) => {
    const root = repositoryWith({ main: { 'tests/files/a.yml': 'cloud_image: a1' }, old: files });
    const source = someSource(root, { branches: { only: ['main', 'old'] } });
    expect(problemsWith(source).map(({ code, file, path }) => [code, file, path])).toEqual([
      ['NO_REFERENCES', 'kubespray@old', `sources[0].references[0]${place}`],
    ]);
  });

  test('each reader has to find something', () => {
    const root = repositoryWith({ main: { 'tests/files/a.yml': 'cloud_image: a1' } });
    const source = someSource(root, { references: [CLOUD_IMAGES, DIRECT] });
    expect(problemsWith(source).map(({ code, path }) => [code, path])).toEqual([
      ['NO_REFERENCES', 'sources[0].references[1]'],
    ]);
  });

  test('a pattern without a text before the name is a warning, once for each reader', () => {
    const reader = { files: ['a.yml'], pattern: '^(?<image>[a-z-]+)$' };
    const branches = { only: ['main', 'release-1'] };
    const repository = repositoryWith({ main: { 'a.yml': 'a' }, 'release-1': { 'a.yml': 'b' } });
    const source = someSource(repository, { branches, references: [reader, reader] });
    const warning =
      'its pattern requires no text of three letters before the name, such as cloud_image:, so that lines it does not match are not checked';
    expect(find(source).warnings).toEqual([
      `kubespray: references[0]: ${warning}`,
      `kubespray: references[1]: ${warning}`,
    ]);
  });

  test('a reader or a glob that may find nothing is a warning, and so is an ignored line of no file', () => {
    const files = { 'tests/files/a.yml': 'cloud_image: a1\ncloud_image: *b' };
    const root = repositoryWith({ main: files, old: files });
    const source = someSource(root, {
      branches: { only: ['main', 'old'] },
      references: [
        { ...CLOUD_IMAGES, ignore: ['cloud_image: *b', 'cloud_image: *c'] },
        { ...DIRECT, optional: true },
      ],
    });
    expect(find(source).warnings).toEqual([
      'kubespray: references[0]: no file is at roles/**/molecule/**/molecule.yml on main, old',
      'kubespray: references[0]: no file has the ignored line cloud_image: *c',
      'kubespray: references[1]: nothing in .gitlab-ci.yml, .gitlab-ci/*.yml names an image on main, old',
    ]);
  });

  test.each([
    ['NOT_UTF8', 'tests/files/x.yml', Buffer.of(0xff)],
    ['FILE_TOO_LARGE', 'tests/files/x.yml', Buffer.alloc(1024 * 1024 + 1, 'x\n')],
    ['LINE_TOO_LONG', 'tests/files/x.yml', 'x'.repeat(2001)],
    ['FILE_NAME_ENCODING', 'latin1:tests/files/\xff.yml', ''],
    ['BROKEN_LINK', 'tests/files/x.yml', { symlink: '../../gone.yml' }],
    ['BROKEN_LINK', 'tests/files/x.yml', { symlink: '/etc/hosts' }],
    ['BROKEN_LINK', 'tests/files/x.yml', { symlink: '../../../x.yml' }],
    ['BROKEN_LINK', 'tests/files/x.yml', { symlink: 'x.yml' }],
  ])('a file that can not be read: %s %s', (code, path, file) => {
    const root = repositoryWith({ main: { 'tests/files/a.yml': 'cloud_image: a1', [path]: file } });
    expect(problemsWith(someSource(root)).map((each) => each.code)).toEqual([code]);
  });

  test('a problem that two readers find is reported once', () => {
    const root = repositoryWith({ main: { 'tests/files/x.yml': Buffer.of(0xff) } });
    const source = someSource(root, { references: [CLOUD_IMAGES, CLOUD_IMAGES] });
    expect(problemsWith(source)).toHaveLength(1);
  });

  test('all problems are reported at once, of all sources', () => {
    const root = repositoryWith({ main: {} });
    const problems = problemsWith(
      someSource(root, { name: 'one' }),
      someSource('/nowhere', { name: 'two' }),
      someSource(root, { name: 'three', branches: { default: 'gone' } }),
    );
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['NO_REFERENCES', 'sources[0].references[0].files[0]'],
      ['REPOSITORY_UNREACHABLE', 'sources[1].repository'],
      ['BRANCH_MISSING', 'sources[2].branches'],
    ]);
  });
});

test('no sources mean no references, and no problem', () => {
  expect(find()).toEqual({ branches: [], needs: [], pinLines: {}, warnings: [], outlook: [] });
});

describe('aliases', () => {
  const FILES = { 'tests/files/a.yml': 'cloud_image: a1' };
  const aliases = (names: readonly string[], sources = ['kubespray']) => {
    const root = repositoryWith(Object.fromEntries(names.map((name) => [name, FILES])));
    return sources.map((name) => someSource(root, { name, branches: { only: names } }));
  };

  test('are the names of branches made fit for a tag', () => {
    const { branches } = find(...aliases(['release-2.31', 'feature/x', '_y', 'ä+b']));
    expect(branches.map(({ alias }) => alias)).toEqual(['release-2.31', 'feature-x', '_y', '_-b']);
  });

  test('begin with the prefix of their source, and do not depend on others', () => {
    const [first, second] = aliases(['main'], ['a', 'b']);
    const { branches } = find(known(first), { ...known(second), aliasPrefix: 'b-' });
    expect(branches.map(({ alias }) => alias)).toEqual(['main', 'b-main']);
    expect(find(known(first)).branches.map(({ alias }) => alias)).toEqual(['main']);
  });

  test('of two sources with the same branch are rejected, with the way out', () => {
    const problems = problemsWith(...aliases(['main'], ['a', 'b']));
    expect(problems.map(({ code }) => code)).toEqual(['ALIAS_COLLISION', 'ALIAS_COLLISION']);
    expect(problems[0]?.remedy).toContain('aliasPrefix');
  });

  test.each([
    ['two branches', ['feature/x', 'feature-x'], 2],
    ['latest', ['latest'], 1],
    ['an immutable tag', ['0123456789abcdef0123456789abcdef'], 1],
    ['a platform tag', ['0123456789abcdef0123456789abcdef-linux-arm64'], 1],
    ['a grace marker', ['unreferenced-20261124T173000Z'], 1],
    ['nothing, being too long', ['x'.repeat(129)], 1],
  ])('that could stand for %s as well are rejected', (_, names, count) => {
    const codes = problemsWith(...aliases(names)).map(({ code }) => code);
    expect(codes).toEqual(Array.from({ length: count }, () => 'ALIAS_COLLISION'));
  });
});
