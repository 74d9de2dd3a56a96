import { describe, expect, test } from 'vitest';
import { requiredApis } from '../../infra/components/google-apis.ts';
import { deployerOf, previewerOf, repositoryGrants } from '../../src/settings/pipeline-identity.ts';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';
import { ENCRYPTED } from '../../src/settings/setting-values.ts';
import { codesOf, PIPELINE, someSettings, TRIGGER, VALUES } from './some-settings.ts';

/** Settings without a Google project and a repository. */
const NO_GOOGLE = { 'gcp:project': '', 'gcp:region': '', repositoryId: '' };
const PLAIN = { ...NO_GOOGLE, destination: 'quay.io/kubespray' };

test.each([
  ['quay.io/kubespray', 'quay.io', 'kubespray', 'kubespray'],
  ['ghcr.io/kubernetes-sigs/ci-images', 'ghcr.io', 'kubernetes-sigs/ci-images', 'ci-images'],
  ['localhost:5000/x', 'localhost:5000', 'x', 'x'],
  ['localhost/a/b_c.d', 'localhost', 'a/b_c.d', 'b-c-d'],
  ['[::1]:5000/x', '[::1]:5000', 'x', 'x'],
  ['docker.io/kubespray', 'docker.io', 'kubespray', 'kubespray'],
])('%s is a registry, and needs nothing of Google', (destination, registry, path, name) => {
  const place = { registry, repositoryPrefix: path, repositoryId: name, project: '', location: '' };
  const plain = { destination: { kind: 'plain', registry, path } };
  expect(someSettings({ ...NO_GOOGLE, destination })).toMatchObject({ ...place, ...plain });
});

test.each([{ destination: 'managed' }, { destination: '' }, { destination: undefined }])(
  'the stack owns the repository by default, and with %j',
  (changed) => {
    expect(someSettings(changed)).toEqual(someSettings());
    expect(someSettings().destination).toEqual({ kind: 'managed' });
  },
);

test('a borrowed repository is at the same place as one that the stack owns', () => {
  const borrowed = { ...someSettings(), destination: { kind: 'borrowed' } };
  expect(someSettings({ destination: 'borrowed' })).toEqual(borrowed);
});

describe('refused', () => {
  test.each([
    { repositoryId: 'images' },
    { location: 'us' },
    { registry: 'quay.io' },
    { readers: ['allUsers'] },
    { writers: '["group:ci@example.com"]' },
    { gitlabProject: '7/42' },
    { githubRepository: '7/42' },
  ])('with a plain registry, which has no such thing: %j', (changed) => {
    expect(codesOf({ ...PLAIN, ...changed })).toEqual([
      `CONFLICTING_SETTINGS ${Object.keys(changed).join()}`,
    ]);
  });

  test.each([{ readers: ['allUsers'] }, { writers: ['group:ci@example.com'] }])(
    'in a repository of others, who grant this: %j',
    (changed) => {
      expect(codesOf({ destination: 'borrowed', ...changed })).toEqual([
        `CONFLICTING_SETTINGS ${Object.keys(changed).join()}`,
      ]);
    },
  );

  test.each(['borrowed', 'quay.io/kubespray'])(
    'a stack of owners that has nothing to declare: %s',
    (destination) => {
      const place = destination === 'borrowed' ? {} : NO_GOOGLE;
      const access = { ...place, destination, part: 'access' };
      expect(codesOf(access)).toEqual(['CONFLICTING_SETTINGS part']);
      const scheduled = { 'gcp:project': 'some-project', 'gcp:region': 'us-east1' };
      expect(codesOf({ ...access, ...scheduled, refreshTrigger: TRIGGER })).toEqual([]);
    },
  );

  test('with its line, and what is missing in the file of the stack', () => {
    const project = [
      'name: images',
      'config:',
      ...Object.entries(VALUES)
        .filter(([key]) => !key.startsWith('gcp:'))
        .map(([key, value]) => `  ${key}: {default: ${JSON.stringify(value)}}`),
      "  repositoryId: {default: ''}",
    ];
    const lines = project.filter((line) => !line.startsWith('  repositoryId: {default: "images"'));
    const stack = ['config:', '  images:destination: quay.io/kubespray', '  images:location: us'];
    const parse = (text: readonly string[]) =>
      parseStackSettings(
        { file: 'Pulumi.yaml', text: lines.join('\n') },
        { file: 'Pulumi.x.yaml', text: text.join('\n') },
      );
    expect(parse(stack)).toMatchObject({
      problems: [{ file: 'Pulumi.x.yaml', line: 3, path: 'location' }],
    });
    const borrowed = ['config:', '  images:destination: borrowed', '  gcp:region: us-east1'];
    expect(parse(borrowed)).toMatchObject({
      problems: [
        { code: 'MISSING_SETTING', file: 'Pulumi.x.yaml', path: 'gcp:project' },
        { code: 'MISSING_SETTING', file: 'Pulumi.x.yaml', path: 'repositoryId' },
      ],
    });
  });
});

describe('a schedule, which is at Google', () => {
  const scheduled = { refreshPipeline: PIPELINE, refreshPipelineToken: ENCRYPTED };

  test('has a plain registry need a Google project, and is named after its path', () => {
    const needed = ['MISSING_SETTING gcp:project', 'MISSING_SETTING gcp:region'];
    expect(codesOf({ ...PLAIN, ...scheduled })).toEqual(needed);
    const google = { 'gcp:project': 'some-project', 'gcp:region': 'us-east1' };
    const settings = someSettings({ ...PLAIN, ...scheduled, ...google });
    expect(settings).toMatchObject({ project: 'some-project', repositoryId: 'kubespray' });
    expect(requiredApis(settings)).toEqual(['cloudscheduler.googleapis.com']);
  });

  test.each(['borrowed', 'managed'])('is allowed with a %s repository', (destination) => {
    expect(codesOf({ destination, ...scheduled })).toEqual([]);
  });
});

test('a stack grants nothing in a repository of others, nor switches their APIs on', () => {
  const settings = someSettings({ destination: 'borrowed', gitlabProject: '7/42' });
  const ofOwners = { ...settings, part: 'access' } as const;
  expect(repositoryGrants(ofOwners)).toEqual([]);
  for (const role of [deployerOf, previewerOf].flatMap((of) => of(settings).roles)) {
    expect(role).not.toContain('artifactregistry');
  }
  expect(requiredApis(settings)).not.toContain('artifactregistry.googleapis.com');
  expect(requiredApis(someSettings({ destination: 'borrowed' }))).toEqual([]);
});

describe('mirrors', () => {
  test('are registries with a path, in a list or in its text', () => {
    const mirrors = ['quay.io/kubespray', 'localhost:5000/a/b'];
    const places = [
      { registry: 'quay.io', path: 'kubespray' },
      { registry: 'localhost:5000', path: 'a/b' },
    ];
    expect(someSettings({ mirrors }).mirrors).toEqual(places);
    expect(someSettings({ mirrors: JSON.stringify(mirrors) }).mirrors).toEqual(places);
  });

  test.each([
    ['destination', { ...PLAIN, mirrors: ['ghcr.io/x', 'quay.io/kubespray'] }],
    ['repository', { mirrors: ['ghcr.io/x', 'europe-west4-docker.pkg.dev/some-project/images'] }],
    ['another mirror', { mirrors: ['ghcr.io/x', 'ghcr.io/x'] }],
  ])('are no second %s', (_, changed) => {
    expect(codesOf(changed)).toEqual(['CONFLICTING_SETTINGS mirrors[1]']);
  });
});
