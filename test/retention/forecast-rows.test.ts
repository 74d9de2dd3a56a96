import { describe, expect, test } from 'vitest';
import { forecastRows } from '../../src/retention/forecast-rows.ts';
import { forecast, type VersionForecast } from '../../src/retention/forecast.ts';
import { underForeignPolicies } from '../../src/retention/foreign-policies.ts';
import { plainForecast } from '../../src/retention/plain-forecast.ts';
import { branch, need } from './any-references.ts';
import { digest, held, NOW, someRetention } from './retention-fixture.ts';

const MAIN = branch('main');

/** An index with its image and the attestation of that. */
function wholeOf(label: string, days: number, rest = {}) {
  const id = (part: string) => digest(`${label}${part}`);
  const members = [
    { digest: id('1'), platform: 'linux/amd64' },
    { digest: id('2'), platform: undefined },
  ];
  return [
    held('debian', days, { digest: id('0'), tags: [`v${label}`], members, ...rest }),
    ...members.map((one) =>
      held('debian', days, { digest: one.digest, indexes: [id('0')], ...rest }),
    ),
  ];
}

const timeless = { uploadedAt: new Date(0), isTimeUnknown: true };
const versions = [
  ...wholeOf('a', 1),
  ...wholeOf('b', 50),
  ...wholeOf('c', 200),
  ...wholeOf('d', 300),
  ...wholeOf('e', 400, timeless),
];
const INDEXES = ['a', 'b', 'c', 'd', 'e'].map((label) => `v${label}`);

const references = { branches: [MAIN], needs: [] };
const times = { now: NOW, at: NOW };
const inputs = { versions, retention: someRetention(), references, ...times };

const tagsOf = (all: readonly VersionForecast[]) =>
  forecastRows(all, all).map(({ version }) => version.tags.join());

describe('the members of an index have no rows', () => {
  const own = forecast({ ...inputs, live: [] });

  test('in a registry with policies of ours', () => {
    expect(tagsOf(own.versions)).toEqual(INDEXES);
  });

  test('in one with policies of others, or with none', () => {
    const olderThan = `${100 * 86_400}s`;
    const all = { id: 'all', action: 'DELETE', condition: { tagState: 'ANY', olderThan } } as const;
    for (const live of [[], [all]]) {
      const foreign = underForeignPolicies(own, live, { ...times, isLost: () => false });
      expect(tagsOf(foreign.versions)).toEqual(INDEXES);
    }
  });

  test('in a plain one, whether the catalog stands for the index or its time is not known', () => {
    const published = new Set(['debian:vd']);
    const plain = plainForecast({ ...inputs, published, leftovers: new Set() });
    expect(tagsOf(plain.versions)).toEqual(INDEXES);
  });

  test('unless a branch needs one', () => {
    const wanted = { ...need(MAIN, 'debian'), isBare: false, tag: undefined, digest: digest('c1') };
    const needed = { ...references, needs: [wanted] };
    const { versions: all } = forecast({ ...inputs, references: needed, live: [] });
    const foreign = underForeignPolicies(
      forecast({ ...inputs, references: needed, live: [] }),
      [],
      { ...times, isLost: () => false },
    );
    for (const found of [all, foreign.versions]) {
      expect(tagsOf(found).toSorted()).toEqual(['', ...INDEXES]);
    }
  });
});
