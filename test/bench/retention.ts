import type { Benchmark } from './benchmark.ts';
import { measure } from './measure.ts';
import { forecast } from '../../src/retention/forecast.ts';
import { branch, held, need } from '../retention/any-references.ts';
import { NOW, digest, someRetention, tag } from '../retention/retention-fixture.ts';

const IMAGES = 50;
const BRANCHES = 10;

/** The forecast for so many versions of 50 images that 10 branches need. */
export const retention: Benchmark = {
  name: 'retention',
  what: 'retention forecast: 50 images, 10 branches',
  sizes: [1000, 10_000, 100_000],
  unit: 'versions',
  goal: '100,000 in under 3 s and 500 MiB, linear',
  run(size) {
    const branches = Array.from({ length: BRANCHES }, (_, at) => branch(`release-2.${at}`));
    const tags = branches.map(({ alias }) => alias);
    const versions = Array.from({ length: size }, (_, at) => {
      const own = tag(`t${at}`);
      const name = `image-${at % IMAGES}`;
      const alias = tags[Math.floor(at / IMAGES)];
      const names = alias === undefined ? [own] : [own, alias];
      return held(name, at % 400, {
        digest: digest(at.toString(16).padStart(8, '0')),
        tags: names,
      });
    });
    const needs = branches.flatMap((of, row) =>
      Array.from({ length: IMAGES }, (_, at) => need(of, `image-${at}`, `t${at + row * IMAGES}`)),
    );
    const inputs = {
      ...{ versions, live: [], references: { branches, needs }, now: NOW, at: NOW },
      retention: someRetention(),
    };
    return measure(() => forecast(inputs));
  },
};
