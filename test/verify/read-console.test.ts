import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isListing, readPackages } from '../../src/verify/read-console.ts';

const LISTED = [
  'distribution\tdebian\t12',
  'format\tdeb',
  ...Array.from({ length: 60 }, (_, index) => {
    const name = createHash('sha256').update(String(index)).digest('hex').slice(0, 12);
    return `p${name}\t1.${index}-1\tamd64\tinstall ok installed`;
  }),
  'end\t0',
  '',
].join('\n');

const BEGIN = '<<packages begin>>';

/** The lines of one pass, with the end of it. */
function printed(bytes: Buffer = gzipSync(LISTED)): readonly string[] {
  const lines = bytes.toString('base64').match(/.{1,76}/g) ?? [];
  const sum = createHash('sha256').update(lines.join('\n')).digest('hex');
  const numbered = lines.map((line, index) => `<<packages ${index} ${line}>>`);
  return [...numbered, `<<packages end ${lines.length} ${sum}>>`];
}

const PASS = printed();

/** A console with two passes, of which some lines are changed. */
function consoleWith(first: readonly string[], second: readonly string[] = PASS): string {
  const before = ['SeaBIOS (version 1.16)', '[    1.0] Linux version 6.1.0', BEGIN];
  return [...before, ...first, ...second, '', 'vm login: '].join('\n');
}

/** A kernel message in the middle of a line. */
const torn = (line: string) =>
  `${line.slice(0, 30)}[   46.2] cdrom: Revision 3.20\n${line.slice(30)}`;

function numberOf(console: string): number | string {
  const found = readPackages(console);
  return found.kind === 'known' ? found.list.packages.length : found.reason;
}

describe('the list on a console is whole', () => {
  it.each([
    ['without noise', consoleWith(PASS)],
    ['between the lines of others', consoleWith(PASS.flatMap((line) => [line, '[ OK ] Started']))],
    ['where each line of the first pass is torn', consoleWith(PASS.map(torn))],
    ['where each line of the second is torn', consoleWith(PASS, PASS.map(torn))],
    [
      'where each line is torn in one of them',
      consoleWith(
        PASS.map((line, index) => (index % 2 === 0 ? torn(line) : line)),
        PASS.map((line, index) => (index % 2 === 1 ? torn(line) : line)),
      ),
    ],
    ['after one pass', consoleWith(PASS, [])],
    ['from a system without gzip', consoleWith(printed(Buffer.from(LISTED)))],
  ])('%s', (_, console) => {
    expect(isListing(console)).toBe(false);
    expect(numberOf(console)).toBe(60);
  });
});

describe('the list on a console is unknown, and never a part of it', () => {
  const without = (index: number) => PASS.filter((_, other) => other !== index);
  const PART = 'its console shows only a part of the list';

  it.each([
    ['where it was not asked for', 'vm login: ', /^no cloud-init answered/],
    ['where only the beginning is there', `${BEGIN}\nvm login: `, PART],
    ['without its end', consoleWith(PASS.slice(0, -1), PASS.slice(0, -1)), PART],
    ['without its first line', consoleWith(without(0), without(0)), PART],
    ['where a line is torn in both passes', consoleWith(PASS.map(torn), PASS.map(torn)), PART],
    [
      'where a character differs',
      consoleWith(
        PASS.map((line) => line.replace(/A/, 'B')),
        [],
      ),
      PART,
    ],
    [
      'where an end names more lines than there can be',
      `${BEGIN}\n<<packages end 99999 ${'a'.repeat(64)}>>`,
      PART,
    ],
    [
      'where it is packed in another way',
      consoleWith(printed(Buffer.from([0x1f, 0x8b, 1, 2])), []),
      /unpacked/,
    ],
    [
      'where it unpacks to more than a machine has',
      consoleWith(printed(gzipSync(Buffer.alloc(17_000_000))), []),
      /unpacked/,
    ],
    [
      'where it breaks off before it is packed',
      consoleWith(printed(gzipSync(LISTED.slice(0, 300))), []),
      /breaks off/,
    ],
    ['where it is empty', consoleWith(printed(Buffer.alloc(0)), []), /breaks off/],
  ])('%s', (_, console, reason) => {
    expect(numberOf(console)).toMatch(reason);
  });
});

it('a machine lists from the beginning to the second end, or until all lines are there', () => {
  expect(isListing('vm login: ')).toBe(false);
  expect(isListing(`${BEGIN}\n`)).toBe(true);
  expect(isListing([BEGIN, ...PASS.slice(0, -1)].join('\n'))).toBe(true);
  expect(isListing([BEGIN, ...PASS.map(torn)].join('\n'))).toBe(true);
  const end = PASS.at(-1) ?? '';
  expect(isListing([BEGIN, end].join('\n'))).toBe(true);
  expect(isListing([BEGIN, end, end].join('\n'))).toBe(false);
});

it('whatever tears, drops or repeats what a machine prints, its list is whole or unknown', () => {
  const whole = consoleWith(PASS);
  const expected = readPackages(whole);
  const noise = fc.oneof(
    fc.constantFrom('\n', '[ 1.0] x\n', '<<packages 0 AAAA>>', '>>', '<<', BEGIN, ...PASS),
    fc.string(),
  );
  const change = fc.record({ at: fc.nat(whole.length), length: fc.nat(80), noise });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      let console = whole;
      for (const { at, length, noise: inserted } of changes) {
        console = console.slice(0, at) + inserted + console.slice(at + length);
      }
      const found = readPackages(console);
      if (found.kind === 'known') expect(found).toEqual(expected);
    }),
  );
});

it('a console full of ends does not keep the reader busy', () => {
  const ends = Array.from({ length: 40_000 }, () => `<<packages end 99999 ${'a'.repeat(64)}>>`);
  const lines = Array.from({ length: 20_000 }, (_, index) => `<<packages ${index} AAAA>>`);
  expect(numberOf([BEGIN, ...lines, ...ends].join('\n'))).toMatch(/part/);
});
