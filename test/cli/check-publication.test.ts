import { describe, expect, test } from 'vitest';
import { composeProvenance } from '../../src/attestations/compose-provenance.ts';
import type { Provenance } from '../../src/attestations/provenance.ts';
import { formatFindings } from '../../src/cli/check.ts';
import { checkPublication, type CheckedPublication } from '../../src/cli/check-publication.ts';
import { parseDigest } from '../../src/image-reference.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { newKey } from '../signing/some-keys.ts';
import { known } from '../support/fixtures.ts';
import { somePlannedCopy, somePlannedImage } from '../support/some-planned-image.ts';

const DIGEST = known(parseDigest(`sha256:${'a'.repeat(64)}`));
const MEMBER = known(parseDigest(`sha256:${'b'.repeat(64)}`));
const PLATFORM = 'linux/amd64';
const { signer } = newKey();
const image = somePlannedImage();
const build = known(image.builds[0]);
const [inputs = ''] = build.tag.split('-');

const provenance = composeProvenance(image, build, {
  revision: '1'.repeat(40),
  source: 'https://git.example/ci',
  pipeline: 'https://ci.example/7',
  created: '2026-11-24T10:00:00Z',
  isEarlier: false,
});
const { buildDefinition } = provenance;
/** Provenance that says something else of what it was built from. */
const otherwise = (
  changed: Partial<Provenance['buildDefinition']>,
): Partial<CheckedPublication> => {
  const other = { ...provenance, buildDefinition: { ...buildDefinition, ...changed } };
  return { attestations: { [PLATFORM]: { packages: { kind: 'known', list }, provenance: other } } };
};
const list = {
  format: 'deb',
  distribution: { id: 'debian', version: '12' },
  packages: [{ name: 'openssl', version: '3.0.17', architecture: 'amd64' }],
} as const;

const GOOD: CheckedPublication = {
  digest: DIGEST,
  members: { [PLATFORM]: MEMBER },
  labels: { [PLATFORM]: { [INPUTS_LABEL]: inputs } },
  attestations: { [PLATFORM]: { packages: { kind: 'known', list }, provenance } },
  signature: { signer, signature: MEMBER },
};

test('nothing of a registry controls a terminal', () => {
  const hostile = { ...provenance, runDetails: { builder: { id: 'a\u001B[2Jb\nc' } } };
  const packages = { kind: 'unknown', reason: '\u001B]0;x' } as const;
  const findings = checkPublication(image, {
    ...GOOD,
    attestations: { [PLATFORM]: { packages, provenance: hostile } },
    signature: { problems: ['it is by \u009B2J'] },
  });
  expect(formatFindings(findings)).not.toMatch(/[\p{Cc}--\n]/v);
  expect(formatFindings(findings).split('\n').filter(Boolean)).toHaveLength(7);
});

const linesOf = (changed: Partial<CheckedPublication>) =>
  checkPublication(image, { ...GOOD, ...changed }).map(({ check, state }) => `${check} ${state}`);

const ALL_OK = ['published ok', 'signature ok', 'inputs ok', 'provenance ok', 'packages ok'];
const withChanged = (changed: string) =>
  ALL_OK.map((line) => (line.split(' ')[0] === changed.split(' ')[0] ? changed : line));

test('a publication that is as it must be says who, what and how many', () => {
  expect(checkPublication(image, GOOD).map(({ found }) => found)).toEqual([
    DIGEST,
    expect.stringMatching(/^by the key sha256:[0-9a-f]{64}$/),
    `those of the catalog (${inputs})`,
    'https://ci.example/7 by https://ci.example (SLSA Build L1)',
    '1 of format deb',
  ]);
  expect(linesOf({})).toEqual(ALL_OK);
});

describe('what is not as it must be', () => {
  const unknown = { kind: 'unknown', reason: 'no Docker here' } as const;
  test.each<[string, Partial<CheckedPublication>, string]>([
    ['nobody accepted', { signature: undefined }, 'signature unknown'],
    ['no signature', { signature: { problems: [] } }, 'signature failed'],
    ['another signature', { signature: { problems: ['other'] } }, 'signature failed'],
    ['other inputs', { labels: { [PLATFORM]: { [INPUTS_LABEL]: 'x' } } }, 'inputs failed'],
    ['no labels', { labels: {} }, 'inputs failed'],
    [
      'the provenance of another tag',
      otherwise({
        internalParameters: { ...buildDefinition.internalParameters, platformTag: 'x' },
      }),
      'provenance failed',
    ],
    [
      'the provenance of another context',
      otherwise({
        internalParameters: { ...buildDefinition.internalParameters, inputs: { context: 'x' } },
      }),
      'provenance failed',
    ],
    [
      'the provenance of another base',
      otherwise({
        resolvedDependencies: buildDefinition.resolvedDependencies.map((one) =>
          one.name === 'base' ? { ...one, digest: { sha256: 'f'.repeat(64) } } : one,
        ),
      }),
      'provenance failed',
    ],
    [
      "a list that is another image's, is damaged, or was taken out",
      {
        attestations: {
          [PLATFORM]: { packages: unknown, problem: 'it is damaged', provenance },
        },
      },
      'packages failed',
    ],
    [
      'a list that could not be had',
      { attestations: { [PLATFORM]: { packages: unknown, provenance } } },
      'packages unknown',
    ],
  ])('%s', (_, changed, expected) => {
    expect(linesOf(changed)).toEqual(withChanged(expected));
  });

  test('what the catalog adopts by its digest need not be made from its inputs', () => {
    const foreign = { ...GOOD, labels: {}, attestations: {} };
    const findings = checkPublication({ ...image, adopt: DIGEST }, foreign);
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'published ok',
      'signature ok',
      'inputs unknown',
      'provenance unknown',
      'packages unknown',
    ]);
    expect(findings.at(2)?.found).toBe('its labels name none; the catalog adopts this digest');
    expect(findings.every(({ remedy }) => remedy === undefined)).toBe(true);
    const other = checkPublication({ ...image, adopt: MEMBER }, foreign);
    expect(other.map(({ state }) => state)).toEqual(['ok', 'ok', 'failed', 'failed', 'failed']);
    const none = checkPublication({ ...image, adopt: DIGEST }, { ...GOOD, members: {} });
    expect(none.at(-1)).toMatchObject({ check: 'published', state: 'failed' });
  });

  test('stripped attestations', () => {
    const stripped = ['published ok', 'signature ok', 'inputs ok'];
    const lines = [...stripped, 'provenance failed', 'packages failed'];
    expect(linesOf({ attestations: {} })).toEqual(lines);
    const attestations = {
      [PLATFORM]: { packages: unknown, problem: 'gone', provenance: undefined },
    };
    expect(linesOf({ attestations })).toEqual(lines);
  });

  test('a platform that is missing, or all of it', () => {
    expect(linesOf({ members: {} })).toEqual(['published ok', 'signature ok', 'published failed']);
    expect(checkPublication(image, undefined)).toMatchObject([
      { check: 'published', state: 'failed' },
    ]);
  });

  test('each failure says what to do, and all come at once', () => {
    const findings = checkPublication(image, {
      ...GOOD,
      ...{ labels: {}, attestations: {}, signature: { problems: [] } },
    });
    const failed = findings.filter(({ state }) => state === 'failed');
    expect(failed).toHaveLength(4);
    expect(failed.every(({ remedy }) => remedy !== undefined)).toBe(true);
  });
});

describe('a copy', () => {
  const copy = somePlannedCopy();
  const { digest: from } = copy.from;
  const copiedFrom = (sha256?: string) => {
    const resolvedDependencies =
      sha256 === undefined ? [] : [{ name: 'image', digest: { sha256 } }];
    const buildDefinition = { ...provenance.buildDefinition, resolvedDependencies };
    return { ...provenance, buildDefinition };
  };
  const inputsOf = (member: string, sha256?: string) => {
    const packages = { kind: 'known', list } as const;
    const findings = checkPublication(copy, {
      ...GOOD,
      members: { [PLATFORM]: known(parseDigest(member)) },
      labels: {},
      attestations: { [PLATFORM]: { packages, provenance: copiedFrom(sha256) } },
    });
    const { state, found } = known(findings.find(({ check }) => check === 'inputs'));
    return `${state} ${found}`;
  };

  test('has the digest of the catalog itself, or provenance from it, and need have no labels', () => {
    expect(inputsOf(from)).toBe(`ok that of the catalog (${from})`);
    expect(inputsOf(MEMBER, from.slice('sha256:'.length))).toBe(
      `ok from that of the catalog (${from})`,
    );
  });

  test('of something else, or of nobody knows what, is not as it must be', () => {
    expect(inputsOf(MEMBER, 'c'.repeat(64))).toMatch(/^failed from sha256:c+, and the catalog's/);
    expect(inputsOf(MEMBER)).toBe('failed nothing says what it was copied from');
  });
});
