import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { NO_BRANCHES } from '../../src/retention/keep-lists.ts';
import { evaluatePolicies, type InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { anyKeptForBranches, anyRetention } from './any-retention.ts';
import { DAY, digest, entry, NOW, someRetention, tag, held } from './retention-fixture.ts';

/** The verdict on the first of the versions; by default it is not the newest of its package. */
function verdict(
  changes: Partial<Retention>,
  subject: InventoryVersion,
  { kept = NO_BRANCHES, others = [] as readonly InventoryVersion[] } = {},
): string {
  const newer = held(subject.packageName, 0, { digest: digest('f'), tags: ['newer'] });
  const policies = compilePolicies(someRetention(changes), kept);
  const [first] = evaluatePolicies(policies, [subject, newer, ...others], NOW);
  return [first?.action, ...(first?.policies ?? [])].join(' ');
}

const allowing = (...entries: readonly string[]) => ({ allow: entries.map(entry) });
const aliased = (alias: string) => ({ keepAliases: [tag(alias)] });
const D = digest('ab');

// A prefix keeps too much, which is safe, and never deletes.
test.each<[string, Partial<Retention>, string, string]>([
  ['an alias', aliased('release-1.3'), 'debian-12:release-1.3', 'keep keep-aliases'],
  ['by prefix', aliased('release-1.3'), 'debian-12:release-1.30', 'keep keep-aliases'],
  ['another', aliased('release-1.3'), 'debian-12:release-1.2', 'delete delete-tagged'],
  ['longer', aliased('release-1.30'), 'debian-12:release-1.3', 'delete delete-tagged'],
  ['an image', allowing('rockylinux-10'), 'rockylinux-10:v1', 'keep keep-allowed-images'],
  ['by prefix', allowing('rockylinux-10'), 'rockylinux-10-extra:v1', 'keep keep-allowed-images'],
  ['another', allowing('rockylinux-10'), 'rockylinux-9:v1', 'delete delete-tagged'],
  ['a tag', allowing('debian-12:v1', 'fedora-43:v2'), 'debian-12:v1', 'keep keep-allowed-tags'],
  ['its own', allowing('debian-12:v1', 'fedora-43:v2'), 'fedora-43:v2', 'keep keep-allowed-tags'],
  ['crossed', allowing('debian-12:v1', 'fedora-43:v2'), 'debian-12:v2', 'keep keep-allowed-tags'],
  ['another', allowing('debian-12:v1', 'fedora-43:v2'), 'debian-12:v3', 'delete delete-tagged'],
  ['another', allowing('debian-12:v1'), 'suse-15:v1', 'delete delete-tagged'],
  ['a digest', allowing(`debian-12@${D}`), `debian-12@${D}`, 'keep keep-digests'],
  ['another', allowing(`debian-12@${D}`), `debian-12@${digest('abc')}`, 'delete delete-untagged'],
])('trap: prefixes match %s: %j and %s', (_, changes, name, expected) => {
  const { image, tag: named, digest: own = digest('a') } = entry(name);
  const tags = named === undefined ? [] : [named];
  const subject = held(image, 200, { tags, digest: own });
  expect(verdict(changes, subject)).toBe(expected);
  // The same for the aliases of branches, and for what they need.
  const { keepAliases: aliases = [], allow = [] } = changes;
  const digests = allow.flatMap((each) => each.digest ?? []);
  if (aliases.length === 0 && digests.length === 0) return;
  expect(verdict({}, subject, { kept: { aliases, digests } })).toBe(expected);
});

test('trap: age counts from the upload, so that a current image that is old needs a KEEP', () => {
  // The alias was moved here today; the version is as old as its upload all the same.
  const subject = held('debian-12', 91, { tags: ['0abc', 'latest'] });
  expect(verdict({}, subject)).toBe('delete delete-tagged');
  expect(verdict({ window: 91 * DAY }, subject)).toBe('keep');
  // Twice, in case the tag prefix is taken to ask for every tag of a version.
  expect(verdict({ keepAliases: [tag('latest')], keepNewest: 2 }, subject)).toBe(
    'keep keep-newest keep-aliases',
  );
});

describe('trap: the children of an index are untagged versions', () => {
  const index = digest('e');
  const child = held('debian-12', 20, { indexes: [index] });
  const parent = held('debian-12', 20, { digest: index, tags: ['latest'] });

  test('they are met by the DELETE of untagged versions, which the index holds off', () => {
    expect(verdict({}, child, { others: [parent] })).toBe('keep delete-untagged');
    expect(verdict({}, held('debian-12', 20))).toBe('delete delete-untagged');
  });

  test('they are counted among the newest, so that an index of three uses up keepNewest 4', () => {
    const pushed = ['1', '2', '3'].map((name) =>
      held('debian-12', 100, { digest: digest(name), indexes: [index] }),
    );
    const old = held('debian-12', 101, { tags: ['v1'] });
    const others = [held('debian-12', 99, { digest: index, tags: ['v2'] }), ...pushed];
    // 1 newer one + 1 index + 3 children = 5
    expect(verdict({ keepNewest: 5 }, old, { others })).toContain('delete');
    expect(verdict({ keepNewest: 6 }, old, { others })).toContain('keep');
  });
});

test('trap: every DELETE has an age, and no DELETE a prefix; no prefix is empty', () => {
  fc.assert(
    fc.property(anyRetention, anyKeptForBranches, (retention, kept) => {
      const policies = compilePolicies(retention, kept);
      const text = (pattern: RegExp) => expect.stringMatching(pattern) as string;
      const condition = { tagState: text(/^(UN)?TAGGED$/), olderThan: text(/^[1-9]\d*s$/) };
      const rule = { id: text(/^delete-/), action: 'DELETE', condition };
      expect(policies.filter(({ action }) => action === 'DELETE')).toEqual([rule, rule]);
      // An empty prefix would match everything.
      expect(JSON.stringify(policies)).not.toMatch(/""|\[\]/);
    }),
  );
});

test('trap: a repository with immutableTags deletes no tagged version, so the program never sets it', () => {
  const infra = new URL('../../infra/components/', import.meta.url);
  for (const name of readdirSync(infra).filter((each) => each.endsWith('.ts'))) {
    const text = readFileSync(new URL(name, infra), 'utf8');
    expect(text).not.toMatch(/immutableTags['"]?\s*:\s*(?!false)/);
  }
});
