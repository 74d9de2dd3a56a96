import { expect, test } from 'vitest';
import { provenance } from '../../src/plan/provenance.ts';

const LOCAL = { commit: 'aaaa', dirty: false, origin: 'https://git.example/team/images.git' };
const GITLAB = {
  CI_COMMIT_SHA: 'bbbb',
  CI_PIPELINE_URL: 'https://gitlab.example/team/images/-/pipelines/7',
  CI_PROJECT_URL: 'https://gitlab.example/team/images',
};
const GITHUB = {
  GITHUB_SHA: 'cccc',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_REPOSITORY: 'team/images',
  GITHUB_RUN_ID: '9',
};
const CLOUD_BUILD = {
  BUILD_ID: '0f3a1b2c-4d5e-6f70-8192-a3b4c5d6e7f8',
  PROJECT_ID: 'my-ci-images',
  LOCATION: 'europe-west4',
};

test.each([
  {
    from: 'the variables of a GitLab pipeline',
    variables: GITLAB,
    local: {},
    found: {
      revision: 'bbbb',
      pipeline: 'https://gitlab.example/team/images/-/pipelines/7',
      source: 'https://gitlab.example/team/images',
    },
  },
  {
    from: 'the variables of a GitHub run',
    variables: GITHUB,
    local: {},
    found: {
      revision: 'cccc',
      pipeline: 'https://github.example/team/images/actions/runs/9',
      source: 'https://github.example/team/images',
    },
  },
  {
    from: 'the variables of a build of Cloud Build, and the checkout',
    variables: CLOUD_BUILD,
    local: { ...LOCAL, dirty: true },
    found: {
      revision: 'aaaa',
      pipeline: `https://cloudbuild.googleapis.com/v1/projects/my-ci-images/locations/europe-west4/builds/${CLOUD_BUILD.BUILD_ID}`,
      source: LOCAL.origin,
    },
  },
  {
    from: 'the local commit where another system has a BUILD_ID',
    variables: { ...CLOUD_BUILD, BUILD_ID: '7' },
    local: LOCAL,
    found: { revision: 'aaaa', pipeline: '', source: LOCAL.origin },
  },
  {
    from: 'the local commit where no pipeline runs',
    variables: { CI_COMMIT_SHA: '' },
    local: LOCAL,
    found: { revision: 'aaaa', pipeline: '', source: 'https://git.example/team/images.git' },
  },
  {
    from: 'nowhere, which gives empty texts',
    variables: {},
    local: {},
    found: { revision: '', pipeline: '', source: '' },
  },
])('provenance comes from $from', ({ variables, local, found }) => {
  expect(provenance(variables, local)).toEqual(found);
});

test.each([GITLAB, GITHUB])('a pipeline may have made the commit of the checkout itself', (ci) => {
  const { revision, ...others } = provenance(ci, { ...LOCAL, dirty: true });
  expect(revision).toBe('aaaa');
  expect(provenance(ci, {})).toMatchObject(others);
});

test('a revision shows that the work tree held changes', () => {
  expect(provenance({}, { ...LOCAL, dirty: true }).revision).toBe('aaaa-dirty');
});

test('the source that the settings name comes first', () => {
  expect(provenance(GITLAB, LOCAL, 'https://example.org').source).toBe('https://example.org');
});

test.each([
  ['https://user:token@git.example/x.git', 'https://git.example/x.git'],
  ['https://oauth2:a%40b@git.example/x.git', 'https://git.example/x.git'],
  ['https://user:p@ss@git.example/x.git', 'https://git.example/x.git'],
  ['https://git.example:8443/x.git?private_token=t0k#t0k', 'https://git.example:8443/x.git'],
  ['https://user:to#ken@git.example/x.git', ''],
  ['https://[', ''],
  ['git@git.example:team/x.git', 'git@git.example:team/x.git'],
  ['ssh://git@git.example/team/x.git', 'ssh://git.example/team/x.git'],
  ['/srv/git/x.git', ''],
  ['file:///srv/git/x.git', ''],
  ['../x', ''],
])('keeps credentials and local paths out of the label: %s', (origin, source) => {
  expect(provenance({}, { origin }).source).toBe(source);
});
