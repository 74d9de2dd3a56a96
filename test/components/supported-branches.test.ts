import pulumi from '@pulumi/pulumi';
import { describe, expect, it, vi } from 'vitest';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { branchPolicies, SupportedBranches } from '../../infra/components/supported-branches.ts';
import { branchRecords } from '../../src/branches/compare-branches.ts';
import { someSource } from '../branches/some-source.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, entry, someRetention, tag } from '../retention/retention-fixture.ts';
import { someSettings } from '../settings/some-settings.ts';
import { somePlannedImage } from '../support/some-planned-image.ts';
import { echo, LOGIN, recordResources, valueOf, type Respond } from '../support/recording-mocks.ts';

const ALIASES = 'oci:index:BranchAliases';
const REFERENCED = 'oci:index:ReferencedVersions';
const DIGEST = `sha256:${'a'.repeat(64)}`;

const SETTINGS = someSettings();
const RETENTION = someRetention({
  keepAliases: [tag('latest')],
  allow: [entry('debian-12:v1'), entry('debian-13')],
  gracePeriod: 3600,
  sources: [someSource('.', { accept: ['46dbdd3994b3'] })],
});

const [MAIN, RELEASE] = [branch('main'), branch('release-1')];
const REFERENCES = {
  pinLines: { 'ci main debian-12': '' },
  branches: [MAIN, RELEASE],
  needs: [
    need(MAIN, 'debian-12', 'v2'),
    need(RELEASE, 'debian-12'),
    need(MAIN, 'debian-13', 'latest'),
    need(RELEASE, 'gone-from-catalog', 'v1'),
  ],
};
const NO_PINS = pulumi.output<Record<string, Record<string, string>>>({});
/** What `latest` names when the run ends. */
const IMMUTABLE = tag('c'.repeat(32));
const NEEDS = {
  'debian-12': { main: 'v2', 'release-1': '' },
  'debian-13': { main: IMMUTABLE },
  'gone-from-catalog': { 'release-1': 'v1' },
};

async function mocked(respond: Record<string, Respond>, preview = false) {
  const provider = echo('pulumi:providers:oci');
  const recorded = await recordResources({ ...provider, ...respond }, { calls: LOGIN, preview });
  return {
    recorded,
    access: await registryAccess({ ...SETTINGS, destination: { kind: 'managed' } }),
  };
}

it('aliases of supported branches are one resource an image that is needed, in the catalog or not', async () => {
  const { recorded, access } = await mocked(echo(ALIASES));
  const known: Record<string, Record<string, string>> = { 'debian-12': { 'release-1': DIGEST } };
  const pins = pulumi.output(known);
  const { 'debian-13': _, ...others } = NEEDS;
  const needs = {
    ...others,
    'follows-latest': { main: 'latest' },
    'of-no-catalog': { main: 'latest' },
  };
  const ADOPTED = digest('ad');
  const component = { latest: pulumi.output(DIGEST), settled: pulumi.output([]), adopt: ADOPTED };
  const published = new Map([['follows-latest', component]]);
  const args = { ...SETTINGS, needs, pins, published };
  new SupportedBranches('supported-branches', args, { providers: { oci: access } });
  await pulumi.runtime.disconnect();
  const found = recorded.filter(({ type }) => type === ALIASES);
  const { registry } = SETTINGS;
  expect(Object.fromEntries(found.map(({ name, inputs }) => [name, inputs]))).toEqual({
    'debian-12-branches': {
      registry,
      repository: 'some-project/images/debian-12',
      aliases: { main: 'v2', 'release-1': DIGEST },
    },
    'gone-from-catalog-branches': {
      registry,
      repository: 'some-project/images/gone-from-catalog',
      aliases: { 'release-1': 'v1' },
    },
    'follows-latest-branches': {
      registry,
      repository: 'some-project/images/follows-latest',
      aliases: { main: DIGEST },
      adopt: ADOPTED,
    },
    'of-no-catalog-branches': {
      registry,
      repository: 'some-project/images/of-no-catalog',
      aliases: { main: 'latest' },
    },
  });
});

it('a preview that does not know what latest will name knows all other aliases', async () => {
  const { recorded, access } = await mocked(echo(ALIASES), true);
  const pins = pulumi.output<Record<string, Record<string, string>>>({});
  const latest = pulumi.output(pulumi.unknown).apply(() => 'latest');
  const published = new Map([
    ['debian-12', { latest, settled: pulumi.output([]), adopt: undefined }],
  ]);
  const needs = { 'debian-12': { main: 'latest', 'release-1': '', 'release-2': 'v1' } };
  const args = { ...SETTINGS, needs, pins, published };
  new SupportedBranches('supported-branches', args, { providers: { oci: access } });
  await pulumi.runtime.disconnect();
  const [branches] = recorded.filter(({ type }) => type === ALIASES);
  expect(branches?.inputs['aliases']).toMatchObject({ 'release-1': '', 'release-2': 'v1' });
});

it.each([
  [false, ['debian-12 (release-1); gone-from-catalog (release-1)']],
  [true, []],
])(
  'what the registry does not have is one list, after a run that acts (preview %s)',
  async (preview, lists) => {
    const info = vi.spyOn(pulumi.log, 'info').mockResolvedValue();
    const respond: Respond = ({ inputs }) => {
      return { id: 'b', state: { ...inputs, digests: { main: DIGEST } } };
    };
    const { access } = await mocked({ [ALIASES]: respond }, preview);
    const args = { ...SETTINGS, needs: NEEDS, pins: NO_PINS, published: new Map() };
    new SupportedBranches('supported-branches', args, { providers: { oci: access } });
    await pulumi.runtime.disconnect();
    const said = info.mock.calls.map(([message]) => message.split(': ').at(-1));
    info.mockRestore();
    expect(said).toEqual(lists);
  },
);

describe('the clean-up policies', () => {
  const declare = async (respond: Respond, preview = false) => {
    const { recorded, access } = await mocked({ [REFERENCED]: respond }, preview);
    const images = [somePlannedImage({ name: 'debian-13', tag: IMMUTABLE })];
    const args = { settings: SETTINGS, retention: RETENTION, references: REFERENCES, images };
    return { recorded, policies: branchPolicies(args, { provider: access }) };
  };

  const counts = {
    mostAttachments: 3,
    attachmentsOfOne: 1,
    looseAttachments: true,
    mostMembers: 2,
  };

  it('warn when there is room for few more digests', async () => {
    const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const [first = '', second = '', ...others] = Array.from({ length: 1400 }, (_, number) =>
      digest(number.toString(16).padStart(4, '0')),
    );
    const { policies } = await declare(({ inputs }) => ({
      id: 'r',
      state: {
        ...inputs,
        ...counts,
        digests: [first, second, ...others],
        versions: [{ digest: first }, {}],
        unreferenced: [{ digest: second }],
      },
    }));
    await valueOf((await policies).cleanupPolicies);
    const warnings = warn.mock.calls.map(([message]) => message);
    warn.mockRestore();
    expect(warnings).toEqual([
      expect.stringContaining(
        '1400 of at most 2000 digests: 1 that branches need, 1 in their grace',
      ),
    ]);
  });

  it('keep the aliases of branches, and the digests that the registry says they need', async () => {
    const { recorded, policies } = await declare(({ inputs }) => ({
      id: 'r',
      state: { ...inputs, ...counts, digests: [DIGEST], versions: [], unreferenced: [] },
    }));
    expect(await valueOf((await policies).cleanupPolicies)).toEqual(
      expect.arrayContaining([
        // One publication with two members and an attachment, and three other attachments.
        { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: 1 + 2 + 1 + 3 } },
        // As long as a tagged version that they belong to.
        {
          id: 'delete-untagged',
          action: 'DELETE',
          condition: { tagState: 'UNTAGGED', olderThan: `${RETENTION.window}s` },
        },
        {
          id: 'keep-aliases',
          action: 'KEEP',
          condition: { tagState: 'TAGGED', tagPrefixes: ['latest', 'main', 'release-1'] },
        },
        {
          id: 'keep-digests',
          action: 'KEEP',
          condition: { tagState: 'ANY', versionNamePrefixes: [DIGEST] },
        },
      ]),
    );
    expect(recorded.find(({ type }) => type === REFERENCED)?.inputs).toEqual({
      registry: SETTINGS.registry,
      repositoryPrefix: 'some-project/images',
      gracePeriod: 3600,
      needs: NEEDS,
      images: ['debian-12', 'debian-13', 'gone-from-catalog'],
      branches: branchRecords([MAIN, RELEASE]),
      pinLines: REFERENCES.pinLines,
      accept: ['46dbdd3994b3'],
      keep: ['debian-12:v1', 'latest', 'main', 'release-1'],
    });
  });

  it('are known in a preview of a state that has no counts of attachments', async () => {
    const state = { ...SETTINGS, digests: [DIGEST] };
    const { policies } = await declare(() => ({ id: 'r', state }), true);
    expect(await valueOf((await policies).cleanupPolicies)).toContainEqual({
      id: 'keep-newest',
      action: 'KEEP',
      mostRecentVersions: { keepCount: 1 + 2 },
    });
  });

  it('are never made from what could not be read: the program stops before the registry', async () => {
    const { policies } = await declare(() => {
      throw new Error('no response');
    });
    await expect(policies).rejects.toThrow(/could not be read.*no policy is changed/);
  });
});
