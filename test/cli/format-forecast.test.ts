import { expect, test } from 'vitest';
import { formatForecastAsJson, formatForecastAsText } from '../../src/cli/format-forecast.ts';
import { forecast } from '../../src/retention/forecast.ts';
import { digest, held, NOW, someRetention } from '../retention/retention-fixture.ts';

const [INDEX, AMD64, ARM64, ALONE] = ['1', '2', '3', '4'].map(digest);

/** An index of two platforms under a tag, and an image. */
const VERSIONS = [
  held('disk', 1, { digest: INDEX, tags: ['v1'], sizeBytes: 855 }),
  held('disk', 1, { digest: AMD64, sizeBytes: 3000, indexes: [INDEX ?? ''] }),
  held('disk', 1, { digest: ARM64, sizeBytes: 4000, indexes: [INDEX ?? ''] }),
  held('disk', 1, { digest: ALONE, tags: ['v0'], sizeBytes: 5000 }),
];
const FORECAST = forecast({
  versions: VERSIONS,
  live: [],
  retention: someRetention(),
  references: { needs: [], branches: [] },
  now: NOW,
  at: NOW,
});
const SHOWN = { forecast: FORECAST, versions: FORECAST.versions, at: NOW, dryRun: true };

test('the size of an index includes its platforms, which the totals count once', () => {
  const lines = formatForecastAsText(SHOWN, true).split('\n');
  const sizes = lines.flatMap((line) => /(?<= {2})[\d.]+ k?B(?= {2})/.exec(line) ?? []);
  expect(sizes).toEqual(['7.9 kB', '3.0 kB', '4.0 kB', '5.0 kB']);
  expect(lines.at(-1)).toContain('0 B of 12.9 kB');
});

test('so does the JSON', () => {
  const entries = [7855, 3000, 4000, 5000].map((sizeBytes) => ({ sizeBytes }));
  expect(JSON.parse(formatForecastAsJson(SHOWN, []))).toMatchObject({
    totals: { bytes: 12_855 },
    images: [{ entries }],
  });
});

test('so does that of an index that is shown without them', () => {
  const shown = { ...SHOWN, versions: FORECAST.versions.slice(0, 1) };
  expect(formatForecastAsText(shown, true)).toContain('  7.9 kB  ');
  expect(JSON.parse(formatForecastAsJson(shown, []))).toMatchObject({
    totals: { versions: 1, bytes: 855 },
    images: [{ entries: [{ sizeBytes: 7855 }] }],
  });
});
