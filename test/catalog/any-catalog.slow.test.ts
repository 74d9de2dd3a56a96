import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { APT, CATALOG, catalogOf, CHECKOUT, DIGEST, imagesOf, problemsOf } from './checkout.ts';

const SUM = `sha256:${'b'.repeat(64)}`;
const BASE = `docker.io/library/debian:12@${DIGEST}`;

// Hundreds of runs each: a second or so, and several when the machine builds images meanwhile.
describe('whatever is written', () => {
  const tree = memoryTree(CHECKOUT);
  const entries = ['a', 'b', 'c', 'd'].map(
    (name) => `{ distribution: ${name}, version: "1", base: ${BASE}, context: contexts/apt }`,
  );

  test('the order of the entries changes no image', () => {
    const byName = (order: readonly string[]) =>
      Object.fromEntries(
        imagesOf(catalogOf(`images: [${order.join()}]`)).map((image) => [image.name, image]),
      );
    const expected = byName(entries);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 4 }), (order) => {
        expect(byName(order)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('nothing is thrown for text of YAML-like words', () => {
    const words = fc.constantFrom(
      ...['images', 'defaults', 'versions', 'args', 'context', '__proto__', 'null', '24.10', '"x"'],
      ...[
        ': ',
        ':\n  ',
        '- ',
        '\n',
        '\n  ',
        '{',
        '}',
        '[',
        ']',
        ', ',
        '&a ',
        '*a',
        '!t ',
        '"',
        '#',
        '|',
      ],
      ...['---\n', '? ', '<<: ', '\t', 'true', '\0', '../', BASE],
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        parseCatalog({ file: CATALOG, text, tree });
      }),
      { numRuns: 200 },
    );
  });

  test('nothing is thrown for any value in any key', () => {
    const entry = { distribution: 'a', version: '1', base: BASE, context: 'contexts/apt' };
    const disk = {
      ...{ kind: 'vm-disk', distribution: 'a', version: '1', context: 'contexts/apt' },
      ...{ url: 'https://images.example/1/1.raw', checksum: SUM, format: 'raw' },
    };
    const keys =
      'distribution version versions base context dockerfile args platform target snapshot name kind url checksum packing format enlargeBy';
    const values = fc.oneof(
      fc.jsonValue(),
      fc.webUrl(),
      fc.constantFrom('vm-disk', '%', '8G', 'xz'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...keys.split(' ')), values, (key, value) => {
        const both = JSON.stringify({
          images: [
            { ...entry, [key]: value },
            { ...disk, [key]: value },
          ],
        });
        parseCatalog({ file: CATALOG, text: both, tree });
      }),
      { numRuns: 150 },
    );
  });

  test('nothing is thrown for any Dockerfile', () => {
    const words = fc.constantFrom(
      ...['FROM ', 'ARG ', 'LABEL ', 'ENV ', 'COPY ', 'RUN ', '--from=', '--mount=type=bind,from='],
      ...[
        '\n',
        '\\\n',
        '# ',
        '# escape=`\n',
        '# syntax=',
        '"',
        "'",
        '=',
        '$',
        '${',
        '}',
        '<<E',
        ' AS ',
      ],
      ...['a', '0', 'BASE', 'VERSION', ' ', '[', ']', '@', DIGEST, 'ONBUILD '],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        problemsOf({ ...CHECKOUT, [APT]: parts.join('') });
      }),
      { numRuns: 120 },
    );
  });
});
