import { describe, expect, it } from 'vitest';
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

describe('provenance', () => {
  it('comes from the variables of a GitLab pipeline', () => {
    expect(provenance(GITLAB, {})).toEqual({
      revision: 'bbbb',
      pipeline: 'https://gitlab.example/team/images/-/pipelines/7',
      source: 'https://gitlab.example/team/images',
    });
  });

  it('comes from the variables of a GitHub run', () => {
    expect(provenance(GITHUB, {})).toEqual({
      revision: 'cccc',
      pipeline: 'https://github.example/team/images/actions/runs/9',
      source: 'https://github.example/team/images',
    });
  });

  it('comes from the local commit where no pipeline runs', () => {
    expect(provenance({ CI_COMMIT_SHA: '' }, LOCAL)).toEqual({
      revision: 'aaaa',
      pipeline: '',
      source: 'https://git.example/team/images.git',
    });
  });

  it.each([GITLAB, GITHUB])(
    'has the commit of the checkout, which a pipeline may have made itself',
    (ci) => {
      expect(provenance(ci, { ...LOCAL, dirty: true })).toEqual({
        ...provenance(ci, {}),
        revision: 'aaaa',
      });
    },
  );

  it('says that the work tree held changes', () => {
    expect(provenance({}, { ...LOCAL, dirty: true }).revision).toBe('aaaa-dirty');
  });

  it('is empty, not wrong, where nothing is known', () => {
    expect(provenance({}, {})).toEqual({ revision: '', pipeline: '', source: '' });
  });

  it('prefers the source that the settings name', () => {
    expect(provenance(GITLAB, LOCAL, 'https://example.org').source).toBe('https://example.org');
  });

  it.each([
    ['https://user:token@git.example/x.git', 'https://git.example/x.git'],
    ['https://oauth2:a%40b@git.example/x.git', 'https://git.example/x.git'],
    ['git@git.example:team/x.git', 'git@git.example:team/x.git'],
    ['ssh://git@git.example/team/x.git', 'ssh://git.example/team/x.git'],
    ['/srv/git/x.git', ''],
    ['file:///srv/git/x.git', ''],
    ['../x', ''],
  ])('keeps credentials and local paths out of the label: %s', (origin, source) => {
    expect(provenance({}, { origin }).source).toBe(source);
  });
});
