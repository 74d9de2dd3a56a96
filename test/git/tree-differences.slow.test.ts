import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { git, gitRepository, writeFiles } from './git-repository.ts';
import { CATALOG, commitAll, repository, RETENTION, stackFile } from '../cli/checkout-fixture.ts';
import { printedBy } from '../cli/printed-by.ts';
import { planCheckout } from '../../src/cli/read-stack.ts';
import { treeDifferences } from '../../src/git/tree-differences.ts';

const SOURCES = `sources:
  - name: own
    repository: .
    branches: {only: [main]}
    references: [{catalog: config/images.yml}]
`;

/** A checkout of one image and one branch, which needs it. */
function project(files: Record<string, string> = {}): string {
  const retention = RETENTION.replace('sources: []\n', SOURCES);
  const root = repository({ 'config/retention.yml': retention, 'ctx/file': 'a\n', ...files });
  writeFiles(root, { 'ctx/link': { symlink: 'file' }, 'ctx/other': 'other' });
  commitAll(root, 'more');
  return root;
}

/** Has git write a file of the checkout anew, by the settings that it has now. */
function checkOut(root: string, file: string): void {
  rmSync(join(root, file));
  git(root, ['checkout', '--quiet', '--', file]);
}

const differencesOf = (root: string) => treeDifferences(root, planCheckout(root, 'prod'));

/** The tag of the image, by the files of the checkout and by the branch. */
async function tagsOf(root: string) {
  const [plan, references] = await Promise.all([
    printedBy(root, 'plan', '--json'),
    printedBy(root, 'references', '--json'),
  ]);
  const [image] = JSON.parse(plan.stdout) as { tag: string }[];
  const { needs } = JSON.parse(references.stdout) as { needs: { tag: string }[] };
  return { plan: image?.tag, references: needs[0]?.tag, warnings: plan.stderr };
}

/** What differs, its file, and what the message and the remedy say of it. */
type Case = [string, (root: string) => void, string, RegExp, RegExp];

const EDITS: Case[] = [
  [
    'an edit',
    (root) => {
      appendFileSync(join(root, 'ctx/file'), 'b\n');
    },
    'ctx/file',
    /is not as in the commit/,
    /commit the change, or undo it/,
  ],
  [
    'an edit that is staged',
    (root) => {
      writeFileSync(join(root, 'config/images.yml'), CATALOG.replace("'12'", "'13'"));
      git(root, ['add', '--all']);
    },
    'config/images.yml',
    /is not as in the commit/,
    /commit the change/,
  ],
  [
    'a file that is deleted',
    (root) => {
      rmSync(join(root, 'ctx/file'));
    },
    'ctx/file',
    /is in the commit, and not here/,
    /commit the change/,
  ],
  [
    'a file that nobody has added',
    (root) => {
      mkdirSync(join(root, 'ctx/deep'));
      writeFileSync(join(root, 'ctx/deep/new'), '');
    },
    'ctx/deep/new',
    /is not in the commit/,
    /\.dockerignore/,
  ],
];

const SETTINGS: Case[] = [
  [
    'a file that git ignores',
    (root) => {
      writeFileSync(join(root, '.git/info/exclude'), '*.log\n');
      writeFileSync(join(root, 'ctx/build.log'), '');
    },
    'ctx/build.log',
    /is not in the commit/,
    /remove it/,
  ],
  [
    'a filter, as Git LFS is one',
    (root) => {
      git(root, ['config', 'filter.lfs.clean', 'sed s/.*/pointer/']);
      git(root, ['config', 'filter.lfs.smudge', 'sed s/.*/content/']);
      writeFileSync(join(root, '.gitattributes'), 'ctx/file filter=lfs\n');
      git(root, ['add', '--renormalize', '.']);
      commitAll(root, 'filter');
      checkOut(root, 'ctx/file');
    },
    'ctx/file',
    /the attribute filter=lfs/,
    /\.gitattributes/,
  ],
  [
    'line ends by an attribute',
    (root) => {
      writeFileSync(join(root, '.gitattributes'), '* eol=crlf\n');
      commitAll(root, 'line ends');
      checkOut(root, 'ctx/file');
    },
    'ctx/file',
    /the attribute eol=crlf/,
    /\.gitattributes/,
  ],
  [
    'line ends by a setting',
    (root) => {
      git(root, ['config', 'core.autocrlf', 'true']);
      checkOut(root, 'ctx/file');
    },
    'ctx/file',
    /core\.autocrlf/,
    /git config core\.autocrlf input; delete the file, and run: git checkout -- "ctx\/file"/,
  ],
  [
    'a mode that git does not look at',
    (root) => {
      git(root, ['config', 'core.fileMode', 'false']);
      chmodSync(join(root, 'ctx/file'), 0o755);
    },
    'ctx/file',
    /is executable here only/,
    /git config core\.fileMode true/,
  ],
  [
    'a sparse checkout',
    (root) => {
      git(root, ['sparse-checkout', 'set', '--no-cone', '/*', '!ctx/file']);
    },
    'ctx/file',
    /sparse checkout/,
    /git sparse-checkout disable/,
  ],
  [
    'a symlink that is a file',
    (root) => {
      git(root, ['config', 'core.symlinks', 'false']);
      checkOut(root, 'ctx/link');
    },
    'ctx/link',
    /is a file here, and a symlink in the commit/,
    /git checkout/,
  ],
  [
    'a file that git is not to look at',
    (root) => {
      git(root, ['update-index', '--assume-unchanged', 'ctx/other']);
      writeFileSync(join(root, 'ctx/other'), 'edited');
    },
    'ctx/other',
    /set to overlook it/,
    /--no-assume-unchanged/,
  ],
];

describe('a file that is not as in the commit has its reason', () => {
  test.each([...EDITS, ...SETTINGS])('%s', (_, change, file, problem, remedy) => {
    const root = project();
    expect(differencesOf(root)).toEqual([]);
    change(root);
    expect(differencesOf(root)).toEqual([
      {
        code: 'TREE_DIFFERS',
        file,
        problem: expect.stringMatching(problem) as unknown,
        remedy: expect.stringMatching(remedy) as unknown,
        isEdit: EDITS.some(([, each]) => each === change),
      },
    ]);
  });

  test('or is not counted by any tag, and does not matter', () => {
    const root = project({ 'ctx/.dockerignore': '*.log\n' });
    for (const file of ['elsewhere', 'ctx/a.log', 'Pulumi.prod.yaml', 'config/images.yml']) {
      appendFileSync(join(root, file), '# new\n');
    }
    expect(differencesOf(root)).toEqual([]);
  });

  test('unless no commit can be read', () => {
    const root = project();
    git(root, ['symbolic-ref', 'HEAD', 'refs/heads/none']);
    expect(differencesOf(root)).toMatchObject([{ code: 'REVISION_MISSING', isEdit: true }]);
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    expect(differencesOf(root)).toMatchObject([
      { code: 'REVISION_MISSING', remedy: expect.stringContaining('safe.directory') as unknown },
    ]);
    vi.unstubAllEnvs();
    rmSync(join(root, '.git'), { recursive: true });
    expect(differencesOf(root)).toEqual([]);
  });

  test('or belongs to a stack whose registry is on this machine, where anybody may try things out', () => {
    const root = project({ 'Pulumi.prod.yaml': stackFile('127.0.0.1:5000') });
    writeFileSync(join(root, 'ctx/new'), '');
    expect(differencesOf(root)).toEqual([]);
  });
});

describe('the plan and the branch have one tag for one commit', () => {
  test.each(SETTINGS)('in spite of %s', async (_, change, file) => {
    const root = project();
    change(root);
    const { plan, references, warnings } = await tagsOf(root);
    expect(plan).toBe(references);
    expect(warnings).toContain(`warning: ${file} `);
  });

  test('and a catalog that git ignores is planned', async () => {
    const root = project({ '.gitignore': 'mine.yml\n' });
    writeFileSync(join(root, 'mine.yml'), CATALOG.replace("'12'", "'13'"));
    const { status, stdout, stderr } = await printedBy(root, 'plan', '--catalog', 'mine.yml');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('warning: mine.yml is not in the commit') as unknown,
    });
    expect(stdout).toContain('debian-13');
  });

  test('and the plan has another one for an edit', async () => {
    const root = project();
    EDITS[0]?.[1](root);
    const { plan, references, warnings } = await tagsOf(root);
    expect(plan).not.toBe(references);
    expect(warnings).toContain('warning: ctx/file is not as in the commit');
  });
});

describe('a submodule in a context', () => {
  const PROTOCOL = ['-c', 'protocol.file.allow=always'];

  function withSubmodule(files: Record<string, string> = {}): string {
    const root = project(files);
    const module = gitRepository();
    module.branch('main', { file: 'of the module' });
    git(root, [...PROTOCOL, 'submodule', '--quiet', 'add', module.root, 'ctx/module']);
    commitAll(root, 'module');
    return root;
  }

  test.each<[string, (root: string) => void]>([
    ['checked out', () => undefined],
    [
      'not checked out',
      (root) => git(root, ['submodule', '--quiet', 'deinit', '--force', '--all']),
    ],
  ])('that is %s is an error of the plan and of the branch', async (_, change) => {
    const root = withSubmodule();
    change(root);
    for (const command of ['plan', 'references']) {
      const { status, stderr } = await printedBy(root, command);
      expect({ command, status }).toEqual({ command, status: 1 });
      expect(stderr).toMatch(/ctx\/module {2}SUBMODULE_IN_CONTEXT\n/);
    }
  });

  test('that is ignored does not matter', async () => {
    const root = withSubmodule({ 'ctx/.dockerignore': 'module\n' });
    expect(differencesOf(root)).toEqual([]);
    const { plan, references } = await tagsOf(root);
    expect(plan).toBe(references);
  });

  test('that is removed, and not committed, is a difference', () => {
    const root = withSubmodule();
    git(root, ['rm', '--quiet', 'ctx/module']);
    expect(differencesOf(root)).toMatchObject([{ file: 'ctx/module', isEdit: true }]);
  });
});
