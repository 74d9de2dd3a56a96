import { describe, expect, test } from 'vitest';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';
import { readFileSync } from 'node:fs';
import { codesOf, problemsOf, someSettings } from './some-settings.ts';

const LOCAL = { name: 'local', platforms: ['linux/amd64'] };
const SSH = { name: 'arm', host: 'ssh://ci@arm.example:2222', platforms: ['linux/arm64'] };
const TCP = {
  name: 'big',
  host: 'tcp://10.0.0.7:2376',
  certPath: '/etc/docker/client',
  platforms: ['linux/amd64', 'linux/arm64'],
  parallel: 4,
};

test('there are none by default', () => {
  expect(someSettings().builders).toEqual([]);
});

test('they come as a list from a file, and as JSON from the engine', () => {
  const builders = [LOCAL, SSH, TCP];
  expect(someSettings({ builders }).builders).toEqual(builders);
  expect(someSettings({ builders: JSON.stringify(builders) }).builders).toEqual(builders);
});

test.each([
  'unix:///run/docker.sock',
  'ssh://arm.example',
  'tcp://127.0.0.1:2375',
  'tcp://localhost:2375',
  'tcp://[::1]:2375',
])('%s is an address', (host) => {
  expect(someSettings({ builders: [{ ...LOCAL, host }] }).builders).toMatchObject([{ host }]);
});

test('a platform is the same by its other names', () => {
  const platforms = ['linux/arm64/v8', 'linux/amd64/v1', 'linux/arm', 'linux/s390x'];
  const [builder] = someSettings({ builders: [{ ...LOCAL, platforms }] }).builders;
  expect(builder?.platforms).toEqual(['linux/arm64', 'linux/amd64', 'linux/arm/v7', 'linux/s390x']);
});

type Broken = Readonly<Record<string, unknown>>;

describe('problems', () => {
  test.each<[string, Broken, string]>([
    ['no name', { name: undefined }, 'MISSING_SETTING builders[0].name'],
    ['no platforms', { platforms: undefined }, 'MISSING_SETTING builders[0].platforms'],
    ['an empty list of platforms', { platforms: [] }, 'INVALID_SETTING builders[0].platforms'],
    ...['amd64', 'linux/amd46', 'linux/aarch64', 'windows/amd64'].map(
      (platform): [string, Broken, string] => [
        `the platform ${platform}`,
        { platforms: ['linux/arm64/v8', platform] },
        'INVALID_SETTING builders[0].platforms[1]',
      ],
    ),
    ['a wrong name', { name: 'Big one' }, 'INVALID_SETTING builders[0].name'],
    ['no build at once', { parallel: 0 }, 'INVALID_SETTING builders[0].parallel'],
    ['half a build at once', { parallel: 1.5 }, 'INVALID_SETTING builders[0].parallel'],
    ['an unknown key', { platform: 'linux/amd64' }, 'UNKNOWN_SETTING builders[0].platform'],
    ['a key', { certMaterial: 'k' }, 'UNKNOWN_SETTING builders[0].certMaterial'],
    ['an unknown scheme', { host: 'http://b.example:2375' }, 'INVALID_SETTING builders[0].host'],
    ['no scheme', { host: 'b.example:2375' }, 'INVALID_SETTING builders[0].host'],
    ['a port that is missing', { host: 'tcp://127.0.0.1' }, 'INVALID_SETTING builders[0].host'],
    ['a password', { host: 'ssh://ci:hush@b.example' }, 'INVALID_SETTING builders[0].host'],
    ['an account by tcp', { host: 'tcp://ci@127.0.0.1:1' }, 'INVALID_SETTING builders[0].host'],
    ['an option for ssh', { host: 'ssh://-oProxyCommand=x' }, 'INVALID_SETTING builders[0].host'],
    ['a path by ssh', { host: 'ssh://b.example/sock' }, 'INVALID_SETTING builders[0].host'],
    ['a relative socket', { host: 'unix://docker.sock' }, 'INVALID_SETTING builders[0].host'],
    ['tcp without TLS', { host: 'tcp://b.example:2375' }, 'MISSING_SETTING builders[0].certPath'],
    ['a home folder', { host: TCP.host, certPath: '~/c' }, 'INVALID_SETTING builders[0].certPath'],
    [
      'certificates for ssh',
      { host: SSH.host, certPath: '/c' },
      'CONFLICTING_SETTINGS builders[0].certPath',
    ],
    [
      'certificates for the local one',
      { certPath: '/c' },
      'CONFLICTING_SETTINGS builders[0].certPath',
    ],
  ])('%s', (_, changed, expected) => {
    const builders = [{ ...LOCAL, ...changed }];
    expect(codesOf({ builders })).toEqual([expected]);
    expect(JSON.stringify(problemsOf({ builders }))).not.toContain('hush');
  });

  test('a name that two have', () => {
    const builders = [LOCAL, TCP, { ...SSH, name: 'local' }];
    expect(codesOf({ builders })).toEqual(['INVALID_SETTING builders[2].name']);
  });

  test('what is no list, and what is none in a list', () => {
    expect(codesOf({ builders: 'big' })).toEqual(['INVALID_SETTING builders']);
    expect(codesOf({ builders: ['big'] })).toEqual(['INVALID_SETTING builders[0]']);
  });

  test('each has its line, beside those of other settings', () => {
    const text = `config:
  gcp:project: some-project
  gcp:region: europe-west4
  kubernetes-ci-images:repositoryId: Images
  kubernetes-ci-images:builders:
    - name: big
      host: tcp://b.example:2375
      platforms: [linux/amd64]
    - name: big
      host: ftp://b.example
      platforms: [linux/amd64]
`;
    const project = { file: 'Pulumi.yaml', text: readFileSync('Pulumi.yaml', 'utf8') };
    const parsed = parseStackSettings(project, { file: 'Pulumi.x.yaml', text });
    const places = ('problems' in parsed ? parsed.problems : []).map(
      ({ file, line, path }) => `${file}:${line} ${path}`,
    );
    expect(places.toSorted()).toEqual([
      'Pulumi.x.yaml:10 builders[1].host',
      'Pulumi.x.yaml:4 repositoryId',
      'Pulumi.x.yaml:6 builders[0].certPath',
      'Pulumi.x.yaml:9 builders[1].name',
    ]);
  });
});
