import { KINDS, DISK_FORMATS, PACKINGS, parseChecksum } from './image.ts';
import { textRule, type ValueRule } from './value-rules.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

export const kindRule: ValueRule = (text) =>
  oneOf(text, KINDS, { code: 'UNKNOWN_KIND', what: 'kind of image' });

export const packingRule: ValueRule = (text) =>
  oneOf(text, PACKINGS, { code: 'UNKNOWN_PACKING', what: 'packing that can be undone' });

export const formatRule: ValueRule = (text) =>
  // What everybody else calls a VHD.
  oneOf(text === 'vhd' ? 'vpc' : text, DISK_FORMATS, {
    code: 'UNKNOWN_FORMAT',
    what: 'format of a disk',
    written: text,
  });

interface Choice {
  readonly code: 'UNKNOWN_KIND' | 'UNKNOWN_PACKING' | 'UNKNOWN_FORMAT';
  readonly what: string;
  /** What the catalog has, where that is not the text that is looked for. */
  readonly written?: string;
}

function oneOf(
  text: string,
  choices: readonly string[],
  { code, what, written = text }: Choice,
): ReturnType<ValueRule> {
  if (choices.includes(written)) return undefined;
  const remedy = didYouMean(closest(text, choices), `use one of ${choices.join(', ')}`);
  return { code, problem: `${quote(written)} is no ${what}`, remedy };
}

/** The address of one file. What it holds is vouched for by the checksum, so `http:` will do. */
export const urlRule: ValueRule = (text) => {
  const url = /\s/.test(text) || !URL.canParse(text) ? undefined : new URL(text);
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    const problem = `${quote(text)} is no address that a file can be downloaded from`;
    return { code: 'INVALID_URL', problem, remedy: 'write it as https://host/path/file.qcow2' };
  }
  if (url.username !== '' || url.password !== '') {
    // Not quoted: what is in a catalog is bad enough, and logs go further.
    const problem = 'the address holds a user or a password';
    const remedy = 'delete what is before the @; name a file that anybody can download';
    return { code: 'INVALID_URL', problem, remedy };
  }
  if (url.hash !== '' || url.pathname.endsWith('/')) {
    const problem = `${quote(text)} names ${url.hash === '' ? 'a directory' : 'a part of a page'}`;
    return { code: 'INVALID_URL', problem, remedy: 'name the file itself' };
  }
  return undefined;
};

/** `parseChecksum` says what is right; the remedy knows what people copy instead. */
export const checksumRule: ValueRule = (text) => {
  if (parseChecksum(text) !== undefined) return undefined;
  const lower = text.toLowerCase();
  const meant = [lower, `sha256:${lower}`, `sha512:${lower}`].find(
    (each) => parseChecksum(each) !== undefined,
  );
  return {
    code: 'INVALID_CHECKSUM',
    problem: `${quote(text)} is no checksum`,
    remedy:
      meant === undefined
        ? 'write sha256:<64 hexadecimal digits> or sha512:<128 of them>, as its publisher has it'
        : `write it as ${meant}`,
  };
};

export const sizeRule = textRule(
  (text) => parseSize(text) !== undefined,
  'INVALID_SIZE',
  'is no size',
  'write megabytes, gigabytes or terabytes such as 512M, 8G or 1T; 0G adds nothing',
);

const UNITS: Readonly<Record<string, number>> = { M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** The bytes of `8G`, each unit 1024 times the one before, as qemu-img reads it; `undefined` if it is none. */
export function parseSize(text: string): number | undefined {
  const [, count, unit = ''] = /^(0|[1-9]\d{0,3})([MGT])$/.exec(text) ?? [];
  const bytes = UNITS[unit];
  return count === undefined || bytes === undefined ? undefined : Number(count) * bytes;
}
