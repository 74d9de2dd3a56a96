import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { CatalogEntry } from '../../src/catalog/image.ts';
import {
  checkPlatforms,
  chooseBuilder,
  leaveOut,
  redirectProblems,
} from '../../src/plan/builders.ts';
import type { Builder } from '../../src/settings/builders.ts';
import { somePlannedImage } from '../support/some-planned-image.ts';

const AMD = 'linux/amd64';
const ARM = 'linux/arm64';

const builder = (name: string, ...platforms: readonly string[]): Builder => ({ name, platforms });

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 });
const images = fc.array(fc.stringMatching(/^[a-z0-9:/-]{1,20}$/), { minLength: 1, maxLength: 40 });

describe('the spread', () => {
  test('one that is added takes images, and moves no other; one that goes leaves the others', () => {
    fc.assert(
      fc.property(names, images, (list, resources) => {
        const rest = list.map((name) => builder(name, AMD));
        const added = builder('added-one', AMD);
        for (const resource of resources) {
          const before = chooseBuilder(resource, AMD, rest);
          const after = chooseBuilder(resource, AMD, [added, ...rest]);
          if (after !== added) expect(after).toBe(before);
        }
      }),
    );
  });

  test('the order and everything but the names of the builders is no matter', () => {
    fc.assert(
      fc.property(names, images, (list, resources) => {
        const builders = list.map((name) => builder(name, AMD));
        const others = builders
          .toReversed()
          .map((one) => ({ ...one, host: 'ssh://elsewhere', parallel: 3 }));
        for (const resource of resources) {
          const chosen = chooseBuilder(resource, AMD, builders)?.name;
          expect(chooseBuilder(resource, AMD, others)?.name).toBe(chosen);
        }
      }),
    );
  });

  test('is fair', () => {
    const builders = ['a', 'b', 'c', 'd'].map((name) => builder(name, AMD));
    const counts = new Map<string, number>();
    for (let index = 0; index < 1000; index += 1) {
      const name = chooseBuilder(`image-${index}`, AMD, builders)?.name ?? '';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 250)).toBeLessThan(60);
    expect(counts.size).toBe(4);
  });

  test('goes to builders of the platform only', () => {
    const builders = [builder('amd', AMD), builder('arm', ARM), builder('none', 'linux/s390x')];
    expect(chooseBuilder('image', ARM, builders)?.name).toBe('arm');
    expect(chooseBuilder('image', 'linux/riscv64', builders)).toBeUndefined();
  });
});

describe('a platform of the catalog', () => {
  const location = { file: 'config/images.yml', line: 7, column: 5, path: 'images[1].name' };
  const entry: CatalogEntry = { image: somePlannedImage({ platforms: [ARM] }), location };

  test('that no builder has is a problem of the image, with its line', () => {
    expect(checkPlatforms([entry, { location }], [builder('amd', AMD)])).toEqual([
      {
        code: 'NO_BUILDER',
        ...location,
        problem: 'no builder of the stack builds for linux/arm64',
        remedy: 'add linux/arm64 to the platforms of one in `builders` of the stack settings',
      },
    ]);
  });

  test.each([[[]], [[builder('arm', ARM)]]])('is none with %j', (builders) => {
    expect(checkPlatforms([entry], builders)).toEqual([]);
  });
});

describe('those that a run does without', () => {
  const builders = [builder('amd', AMD), builder('arm', ARM)];

  test.each([
    [undefined, []],
    ['', []],
    ['arm', ['arm']],
    [' arm, amd,', ['arm', 'amd']],
  ])('are read from %j', (text, expected) => {
    expect([...leaveOut(text, builders)]).toEqual(expected);
  });

  test('that are no builders are a problem', () => {
    expect(() => leaveOut('arn', builders)).toThrow(
      'UNKNOWN_BUILDER\n  IMAGES_WITHOUT_BUILDERS names arn, which is no builder of the stack; write arm',
    );
  });
});

describe('variables that lead Docker elsewhere', () => {
  test('are problems with builders, all in one', () => {
    const env = { DOCKER_HOST: 'tcp://x:1', DOCKER_CERT_PATH: '/c', DOCKER_CONTEXT: '' };
    const [problem, ...others] = redirectProblems([builder('amd', AMD)], env);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'BUILDERS_REDIRECTED',
      problem: expect.stringContaining('DOCKER_HOST and DOCKER_CERT_PATH') as unknown,
      remedy: expect.stringContaining('`unset DOCKER_HOST DOCKER_CERT_PATH`') as unknown,
    });
  });

  test('are none without builders', () => {
    expect(redirectProblems([], { DOCKER_HOST: 'tcp://x:1' })).toEqual([]);
  });
});
