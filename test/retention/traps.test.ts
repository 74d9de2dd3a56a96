import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { NO_PROTECTION, type Protection } from '../../src/retention/keep-lists.ts';
import { evaluatePolicies, type InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { anyProtection, anyRetention } from './any-retention.ts';
import { DAY, digest, entry, NOW, someRetention, tag, version } from './retention-fixture.ts';

/** The verdict on the first of the versions; by default it is not the newest of its package. */
function verdict(
  changes: Partial<Retention>,
  subject: InventoryVersion,
  ...others: InventoryVersion[]
) {
  const newer = version(subject.packageName, 0, { digest: digest('f'), tags: ['newer'] });
  const versions = [subject, newer, ...others];
  const [first] = evaluatePolicies(
    compilePolicies(someRetention(changes), NO_PROTECTION),
    versions,
    NOW,
  );
  return [first?.action, ...(first?.policies ?? [])].join(' ');
}

test('trap: release-1.3 is a prefix of release-1.30, and an alias keeps both', () => {
  const old = (name: string) => version('debian-12', 200, { tags: [name] });
  const keepAliases = [tag('release-1.3')];
  expect(verdict({ keepAliases }, old('release-1.3'))).toBe('keep keep-aliases');
  expect(verdict({ keepAliases }, old('release-1.30'))).toBe('keep keep-aliases');
  expect(verdict({ keepAliases }, old('release-1.2'))).toBe('delete delete-tagged');
  expect(verdict({ keepAliases: [tag('release-1.30')] }, old('release-1.3'))).toBe(
    'delete delete-tagged',
  );
});

test('trap: the alias of release-1.3 keeps what release-1.30 needs as well, never the other way', () => {
  const old = (name: string) => version('debian-12', 200, { tags: [name] });
  const of = (branch: string): Protection => ({ aliases: [tag(branch)], digests: [] });
  const decide = (subject: InventoryVersion, protection: Protection) => {
    const newer = version('debian-12', 0, { digest: digest('f'), tags: ['newer'] });
    const policies = compilePolicies(someRetention(), protection);
    return evaluatePolicies(policies, [subject, newer], NOW)[0]?.action;
  };
  expect(decide(old('release-1.3'), of('release-1.3'))).toBe('keep');
  expect(decide(old('release-1.30'), of('release-1.3'))).toBe('keep'); // too much, safe
  expect(decide(old('release-1.3'), of('release-1.30'))).toBe('delete');
});

test('trap: an alias may be taken to need every tag, so that what is needed stays by digest too', () => {
  const needed = version('debian-12', 3000, { digest: digest('ab') });
  const newer = version('debian-12', 0, { digest: digest('f') });
  const policies = compilePolicies(someRetention(), { aliases: [], digests: [digest('ab')] });
  expect(evaluatePolicies(policies, [needed, newer], NOW)[0]).toMatchObject({
    action: 'keep',
    policies: ['keep-digests'],
  });
});

test('trap: rockylinux-10 is a prefix of rockylinux-10-extra, and an image keeps both', () => {
  const allow = [entry('rockylinux-10')];
  const old = (image: string) => version(image, 200, { tags: ['v1'] });
  expect(verdict({ allow }, old('rockylinux-10'))).toBe('keep keep-allowed-images');
  expect(verdict({ allow }, old('rockylinux-10-extra'))).toBe('keep keep-allowed-images');
  expect(verdict({ allow }, old('rockylinux-9'))).toBe('delete delete-tagged');
});

test('trap: image:tag entries in one policy keep every listed tag of every listed image', () => {
  const allow = [entry('debian-12:v1'), entry('ubuntu-24.04:v2')];
  const old = (image: string, name: string) => version(image, 200, { tags: [name] });
  expect(verdict({ allow }, old('debian-12', 'v1'))).toBe('keep keep-allowed-tags');
  expect(verdict({ allow }, old('ubuntu-24.04', 'v2'))).toBe('keep keep-allowed-tags');
  expect(verdict({ allow }, old('debian-12', 'v2'))).toBe('keep keep-allowed-tags'); // too much, safe
  expect(verdict({ allow }, old('debian-12', 'v3'))).toBe('delete delete-tagged');
  expect(verdict({ allow }, old('fedora-43', 'v1'))).toBe('delete delete-tagged');
});

test('trap: a full digest protects exactly one version, whichever tags it has', () => {
  const allow = [entry(`debian-12@${digest('ab')}`)];
  const old = (name: string, tags: readonly string[]) =>
    version('debian-12', 200, { digest: digest(name), tags });
  expect(verdict({ allow }, old('ab', []))).toBe('keep keep-digests');
  expect(verdict({ allow }, old('ab', ['v1']))).toBe('keep keep-digests');
  expect(verdict({ allow }, old('abc', ['v1']))).toBe('delete delete-tagged');
});

test('trap: KEEP beats DELETE, however old the version is', () => {
  const subject = version('debian-12', 3000, { tags: ['0abc', 'latest'] });
  expect(verdict({}, subject)).toBe('delete delete-tagged');
  expect(verdict({ keepAliases: [tag('latest')] }, subject)).toBe('keep keep-aliases');
});

test('trap: age counts from the upload, so that a current image that is old needs a KEEP', () => {
  // The alias was moved here today; the version is as old as its upload all the same.
  const subject = version('debian-12', 91, { tags: ['0abc', 'latest'] });
  expect(verdict({}, subject)).toBe('delete delete-tagged');
  expect(verdict({ window: 91 * DAY }, subject)).toBe('keep');
  const [newest] = evaluatePolicies(
    compilePolicies(someRetention({ keepAliases: [tag('latest')] }), NO_PROTECTION),
    [subject],
    NOW,
  );
  // Twice, in case the tag prefix is taken to ask for every tag of a version.
  expect(newest?.policies).toEqual(['keep-newest', 'keep-aliases']);
});

describe('trap: the children of an index are untagged versions', () => {
  const index = digest('e');
  const child = version('debian-12', 20, { indexes: [index] });
  const parent = version('debian-12', 20, { digest: index, tags: ['latest'] });

  test('they are met by the DELETE of untagged versions, which the index holds off', () => {
    const policies = compilePolicies(someRetention(), NO_PROTECTION);
    const newer = version('debian-12', 0, { digest: digest('f'), tags: ['v2'] });
    expect(evaluatePolicies(policies, [child, parent, newer], NOW)[0]).toEqual({
      version: child,
      action: 'keep',
      policies: ['delete-untagged'],
      heldBy: [index],
    });
  });

  test('without an index, they go', () => {
    expect(verdict({}, version('debian-12', 20))).toBe('delete delete-untagged');
  });

  test('they are counted among the newest, so that an index of three uses up keepNewest 4', () => {
    const pushed = ['1', '2', '3'].map((name) =>
      version('debian-12', 100, { digest: digest(name), indexes: [index] }),
    );
    const old = version('debian-12', 101, { tags: ['v1'] });
    const all = [old, version('debian-12', 99, { digest: index, tags: ['v2'] }), ...pushed];
    const actionWith = (keepNewest: number) =>
      evaluatePolicies(compilePolicies(someRetention({ keepNewest }), NO_PROTECTION), all, NOW)[0]
        ?.action;
    expect(actionWith(4)).toBe('delete'); // 1 index + 3 children = 4
    expect(actionWith(5)).toBe('keep');
  });
});

test('trap: the newest versions are counted in each package by itself', () => {
  const old = version('debian-12', 200, { tags: ['v1'] });
  const others = [1, 2, 3].map((days) => version('debian-13', days, { digest: digest(`${days}`) }));
  expect(verdict({ keepNewest: 2 }, old, ...others)).toBe('keep keep-newest');
  expect(verdict({ keepNewest: 1 }, old, ...others)).toBe('delete delete-tagged');
});

test('trap: durations are whole seconds, since 90d comes back as 7776000s', () => {
  const policies = compilePolicies(
    someRetention({ window: 90 * DAY, untaggedAfter: 36 * 3600 }),
    NO_PROTECTION,
  );
  const ages = policies.flatMap((policy) => (policy.action === 'DELETE' ? policy.condition : []));
  expect(ages).toEqual([
    { tagState: 'TAGGED', olderThan: '7776000s' },
    { tagState: 'UNTAGGED', olderThan: '129600s' },
  ]);
});

test('trap: every DELETE has an age, and no DELETE a prefix', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, (retention, protection) => {
      const deletes = compilePolicies(retention, protection).filter(
        ({ action }) => action === 'DELETE',
      );
      expect(deletes).toHaveLength(2);
      for (const policy of deletes) {
        expect(policy).toEqual({
          id: expect.any(String) as string,
          action: 'DELETE',
          condition: {
            tagState: expect.stringMatching(/^(UN)?TAGGED$/) as string,
            olderThan: expect.stringMatching(/^[1-9]\d*s$/) as string,
          },
        });
      }
    }),
  );
});

test('trap: KEEP alone deletes nothing, however old the versions are', () => {
  const keeps = compilePolicies(someRetention(), NO_PROTECTION).filter(
    ({ action }) => action === 'KEEP',
  );
  const versions = [version('debian-12', 3000), version('debian-12', 2999, { tags: ['v1'] })];
  expect(keeps).not.toEqual([]);
  expect(evaluatePolicies(keeps, versions, NOW).map(({ action }) => action)).toEqual([
    'keep',
    'keep',
  ]);
});

test('trap: tagPrefixes need the state TAGGED', () => {
  const allow = [entry('debian-12:v1')];
  const policies = compilePolicies(
    someRetention({ allow, keepAliases: [tag('latest')] }),
    NO_PROTECTION,
  );
  const states = policies.flatMap((policy) =>
    'condition' in policy && 'tagPrefixes' in policy.condition ? policy.condition.tagState : [],
  );
  expect(states).toEqual(['TAGGED', 'TAGGED']);
});

test('trap: no prefix is empty, which would match everything', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, (retention, protection) => {
      expect(JSON.stringify(compilePolicies(retention, protection))).not.toMatch(/""|\[\]/);
    }),
  );
});

test('trap: ids are unique, kebab-case and below 128 characters', () => {
  const allow = Array.from({ length: 300 }, (_, number) => entry(`image-${number}`));
  const ids = compilePolicies(someRetention({ allow }), NO_PROTECTION).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
  expect(Math.max(...ids.map((id) => id.length))).toBeLessThan(128);
});

test('trap: a repository with immutableTags deletes no tagged version, so the program never sets it', () => {
  // What compiles does delete tagged versions, by age: the two exclude each other.
  expect(compilePolicies(someRetention(), NO_PROTECTION).map(({ id }) => id)).toContain(
    'delete-tagged',
  );
  const infra = new URL('../../infra/components/', import.meta.url);
  const setting = readdirSync(infra)
    .filter((name) => name.endsWith('.ts'))
    .filter((name) =>
      /immutableTags['"]?\s*:\s*(?!false)/.test(readFileSync(new URL(name, infra), 'utf8')),
    );
  expect(setting).toEqual([]);
});
