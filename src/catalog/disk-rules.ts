import { KINDS, DISK_FORMATS, IMPORT_ORIGINS, PACKINGS, parseChecksum } from './image.ts';
import { choiceRule, textRule, type ValueRule } from './value-rules.ts';
import { quote } from '../yaml/wording.ts';

export const kindRule = choiceRule(KINDS, 'UNKNOWN_KIND', 'kind of image');

export const packingRule = choiceRule(PACKINGS, 'UNKNOWN_PACKING', 'packing that can be undone');

/** `vhd` is the usual name of what qemu-img calls `vpc`. */
export const formatRule = choiceRule(DISK_FORMATS, 'UNKNOWN_FORMAT', 'format of a disk', (text) =>
  text === 'vhd' ? 'vpc' : text,
);

/** The lists that disks are imported from. */
export const LISTS = ['kubespray'] as const;

export const listRule = choiceRule(LISTS, 'UNKNOWN_LIST', 'list of disks');

export const originRule = choiceRule(IMPORT_ORIGINS, 'UNKNOWN_LIST', 'list of disks');

/** The address of one file. The checksum vouches for its content, so `http:` is allowed. */
export const urlRule: ValueRule = (text) => {
  const url = /[\s\p{Cc}]/u.test(text) || !URL.canParse(text) ? undefined : new URL(text);
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    const problem = `${quote(text)} is no address that a file can be downloaded from`;
    return { code: 'INVALID_URL', problem, remedy: 'write it as https://host/path/file.qcow2' };
  }
  if (url.username !== '' || url.password !== '') {
    // Not quoted: logs have more readers than the catalog.
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

/** Accepts what `parseChecksum` parses. The remedy knows the forms in which checksums are published. */
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
