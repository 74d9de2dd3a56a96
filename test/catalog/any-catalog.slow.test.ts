import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { APT, CATALOG, catalogOf, CHECKOUT, DIGEST, imagesOf, problemsOf } from './checkout.ts';

const SUM = `sha256:${'b'.repeat(64)}`;
const BASE = `docker.io/library/debian:12@${DIGEST}`;

// Hundreds of runs each: a second or so, and several when the machine builds images meanwhile.
describe('for any catalog', () => {
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
    const texts = fc.oneof(
      soup(`images¦defaults¦versions¦args¦context¦__proto__¦null¦24.10¦"x"¦true¦../¦${BASE}¦: ¦:\n  ¦\
- ¦\n¦\n  ¦{¦}¦[¦]¦, ¦&a ¦*a¦!t ¦|¦"¦#¦---\n¦? ¦<<: ¦\t¦\0`),
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
    const shared = { distribution: 'a', version: '1', context: 'contexts/apt' };
    const url = 'https://images.example/1/1.raw';
    const entry = { ...shared, base: BASE };
    const disk = { ...shared, kind: 'vm-disk', url, checksum: SUM, format: 'raw' };
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
    const texts = soup(`FROM ¦ARG ¦LABEL ¦ENV ¦COPY ¦RUN ¦ONBUILD ¦--from=¦--mount=type=bind,from=¦\
\n¦\\\n¦# ¦# escape=\`\n¦# syntax=¦"¦'¦=¦$¦\${¦}¦<<E¦ AS ¦a¦0¦BASE¦VERSION¦ ¦[¦]¦@¦${DIGEST}`);
    fc.assert(
      fc.property(texts, (text) => {
        problemsOf({ ...CHECKOUT, [APT]: text });
      }),
      { numRuns: 120 },
    );
  });
});

/** Texts of up to 40 words from a list with `¦` between them. */
function soup(words: string): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...words.split('¦')), { maxLength: 40 })
    .map((chosen) => chosen.join(''));
}
