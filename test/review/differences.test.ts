import { describe, expect, test } from 'vitest';
import { comparable, differences } from '../../src/review/differences.ts';
import { formatDrift } from '../../src/review/format-drift.ts';
import { UNKNOWN_VALUE, type Inputs, type PreviewStep } from '../../src/review/preview.ts';

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';

const inputsOf = (type: string, inputs: Inputs) =>
  comparable({ type, name: 'x', inputs, protect: false });

const between = (type: string, before: Inputs, after: Inputs) =>
  differences(inputsOf(type, before), inputsOf(type, after));

const [keep, old] = [
  { id: 'keep', action: 'KEEP', condition: { tagPrefixes: ['a', 'b'] } },
  { id: 'old', action: 'DELETE', condition: { olderThan: '1d' } },
];

test.each<[string, string, Inputs, Inputs]>([
  [
    'clean-up policies, and texts in them, and the order of keys',
    REPOSITORY,
    { cleanupPolicies: [keep, old] },
    {
      cleanupPolicies: [
        { action: 'DELETE', condition: { olderThan: '1d', __defaults: [] }, id: 'old' },
        { ...keep, condition: { tagPrefixes: ['b', 'a'] } },
      ],
      __defaults: ['mode'],
    },
  ],
  [
    'members of a grant',
    'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding',
    { members: ['user:a@example.com', 'user:b@example.com'] },
    { members: ['user:b@example.com', 'user:a@example.com'] },
  ],
  [
    'permissions of a role',
    'gcp:projects/iAMCustomRole:IAMCustomRole',
    { permissions: ['a.b.c', 'a.b.d'] },
    { permissions: ['a.b.d', 'a.b.c'] },
  ],
  ['labels', REPOSITORY, { labels: { a: '1', b: '2' } }, { labels: { b: '2', a: '1' } }],
])('what the gcp plug-in lists in any order is no difference: %s', (_, type, before, after) => {
  expect(between(type, before, after)).toEqual([]);
});

test('the order of a list of others is one', () => {
  expect(
    between('oci:index:Verification', { commands: ['a', 'b'] }, { commands: ['b', 'a'] }),
  ).toEqual(['commands: ["a","b"] → ["b","a"]']);
});

test('each difference is named by its place, with its values', () => {
  const before = {
    cleanupPolicies: [keep, old],
    labels: { application: 'other' },
    members: ['user:a@example.com', 'user:mallory@example.com'],
    paused: true,
  };
  const after = {
    cleanupPolicies: [
      { ...old, condition: { olderThan: '2d' } },
      { id: 'new', action: 'KEEP' },
    ],
    labels: { application: 'ours', by: 'us' },
    members: ['user:a@example.com'],
    paused: UNKNOWN_VALUE,
  };
  expect(between(REPOSITORY, before, after)).toEqual([
    'cleanupPolicies.keep: {"action":"KEEP","condition":{"tagPrefixes":["a","b"]}} → nothing',
    'cleanupPolicies.new: nothing → {"action":"KEEP"}',
    'cleanupPolicies.old.condition.olderThan: "1d" → "2d"',
    'labels.application: "other" → "ours"',
    'labels.by: nothing → "us"',
    'members: - "user:mallory@example.com"',
    'paused: true → not known yet',
  ]);
});

test('a long value is cut off', () => {
  const [line = ''] = between(REPOSITORY, {}, { description: 'x'.repeat(10_000) });
  expect(line.length).toBeLessThan(600);
});

describe('the report of a drift', () => {
  const step = (operation: string, type: string, before?: Inputs, after?: Inputs): PreviewStep => {
    const state = (inputs: Inputs | undefined) =>
      inputs && { type, name: 'x', inputs, protect: false };
    return { operation, type, name: 'x', before: state(before), after: state(after) };
  };
  const report = (...steps: PreviewStep[]) => formatDrift('prod', { steps, diagnostics: [] });

  test('names each resource that is not as it was left, and what differs in it', () => {
    const labels = { labels: { a: '1' } };
    expect(
      report(
        step('same', 'oci:index:Tag', labels, labels),
        step('refresh', REPOSITORY, labels, labels),
        step('update', REPOSITORY, labels, { labels: { a: '2' } }),
        step('update', 'pulumi:pulumi:Stack', {}, { a: 1 }),
        step('delete', 'oci:index:Publication', { tag: 't' }),
      ),
    ).toBe(
      [
        'prod: 2 resources differ',
        '',
        `update ${REPOSITORY} x`,
        '  labels.a: "1" → "2"',
        'delete oci:index:Publication x',
        '',
      ].join('\n'),
    );
  });

  test('says that there is none, and what went wrong', () => {
    expect(report()).toBe('prod: nothing differs\n');
    const failed = formatDrift('prod', {
      steps: [],
      diagnostics: [{ severity: 'error', message: 'no\nregistry https://a:b@c.test' }],
    });
    expect(failed).toMatch(/^prod: not everything could be compared\n\nerror: no \| registry /);
    expect(failed).not.toContain('a:b@');
  });
});
