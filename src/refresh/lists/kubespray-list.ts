import { diskForm, findMovingPart } from '../../catalog/disk-url.ts';
import { checksumRule, urlRule } from '../../catalog/disk-rules.ts';
import {
  PACKINGS,
  parseChecksum,
  type Checksum,
  type DiskFormat,
  type Packing,
} from '../../catalog/image.ts';
import { nameRule } from '../../catalog/value-rules.ts';
import type { Problem } from '../../problem.ts';
import { isMapping } from '../../yaml/check-mapping.ts';
import type { DocumentPath, ValueProblem } from '../../yaml/document-problem.ts';
import { quote } from '../../yaml/wording.ts';
import { locateProblem, readYaml, type YamlDocument } from '../../yaml/yaml-document.ts';

/** Where Kubespray has its list. */
export const KUBESPRAY_LIST = 'test-infra/image-builder/roles/kubevirt-images/defaults/main.yml';

/** A place in the list, for problems. */
export type ListPlace = Pick<Problem, 'file' | 'line' | 'column' | 'path'>;

/** A disk of the list: for amd64, as all of Kubespray's. */
export interface ListedDisk {
  /** As branches name it: `ubuntu-2404`. */
  readonly key: string;
  /** The name of its image: `vm-ubuntu-2404`. */
  readonly name: string;
  readonly url: string;
  readonly checksum: Checksum;
  readonly packing: Packing | undefined;
  /** Absent where the name of the file does not say. */
  readonly format: DiskFormat | undefined;
  /** The part of the URL that names another build from time to time: the checksum does not count then. */
  readonly moving: string | undefined;
  readonly at: { readonly url: ListPlace; readonly checksum: ListPlace };
}

/** The disks of a list, and all its problems. */
export interface ParsedList {
  readonly disks: readonly ListedDisk[];
  /** The keys of all disks of the list, also of those that are left out. */
  readonly keys: readonly string[];
  /** Keys that a person leaves out. */
  readonly except: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Parses `defaults/main.yml` of Kubespray's role kubevirt-images. `except` are keys that are not looked at; a key
 * that the list does not have is none. A list without images is a problem: everything would be gone from it.
 */
export function parseKubesprayList(
  text: string,
  file: string,
  except: readonly string[] = [],
): ParsedList {
  const { document, problems: inYaml } = readYaml(text, file);
  if (document === undefined) return { disks: [], keys: [], except, problems: inYaml };
  const lines = text.split('\n');
  const isTemplate: Check['isTemplate'] = ({ line = 1, column = 1 }) =>
    /^\{[{%#]/.test((lines[line - 1] ?? '').slice(column - 1));
  // The template of a value is the key of a mapping for YAML.
  const problems = inYaml.filter(
    ({ line, column = 1 }) => !isTemplate({ line, column: column - 1 }),
  );
  const images = isMapping(document.value) ? document.value['images'] : undefined;
  if (!isMapping(images) || Object.keys(images).length === 0) {
    const remedy = `name a checkout of Kubespray, or its ${KUBESPRAY_LIST}`;
    const found = {
      code: 'LIST_EMPTY',
      path: ['images'],
      problem: 'the list has no images',
      remedy,
    };
    const all = [...problems, locateProblem(found, document, file)];
    return { disks: [], keys: [], except, problems: all };
  }
  const disks = Object.entries(images).flatMap(([key, value]) => {
    if (except.includes(key)) return [];
    return parseDisk(key, value, { document, file, problems, isTemplate }) ?? [];
  });
  problems.push(...checkRepeats(disks));
  return { disks, keys: Object.keys(images), except, problems };
}

interface Check {
  readonly document: YamlDocument;
  readonly file: string;
  readonly problems: Problem[];
  /** Whether a template without quotes begins at a place. */
  readonly isTemplate: (place: Pick<Problem, 'line' | 'column'>) => boolean;
}

function parseDisk(key: string, value: unknown, check: Check): ListedDisk | undefined {
  const { document, file } = check;
  const path = ['images', key];
  const name = `vm-${key}`;
  const before = check.problems.length;
  const inKey = nameRule(name);
  if (inKey !== undefined) {
    const remedy = `${inKey.remedy}, or ${leaveOut('the key')}`;
    report(check, path, { ...inKey, remedy }, true);
  }
  if (!isMapping(value)) {
    const problem = 'the image has neither url nor checksum';
    report(check, path, { code: 'MISSING_KEY', problem, remedy: byHand(key) }, true);
    return undefined;
  }
  const url = textAt(value, key, 'url', check);
  const inUrl = url === undefined ? undefined : urlProblem(url);
  if (inUrl !== undefined) report(check, [...path, 'url'], inUrl);
  const isUrl = url !== undefined && inUrl === undefined;
  const moving = isUrl ? findMovingPart(url) : undefined;
  const written = textAt(value, key, 'checksum', check)?.toLowerCase();
  const inChecksum = written === undefined ? undefined : checksumProblem(written);
  if (inChecksum !== undefined) report(check, [...path, 'checksum'], inChecksum);
  const checksum = parseChecksum(written ?? '');
  if (check.problems.length > before || !isUrl || checksum === undefined) return undefined;
  const { packing, format } = diskForm(url);
  const place = (part: string): ListPlace => {
    return { file, ...document.positionOf([...path, part]), path: `images.${key}.${part}` };
  };
  const at = { url: place('url'), checksum: place('checksum') };
  return { key, name, url, checksum, packing, format, moving, at };
}

/** A value of text; reports any other. */
function textAt(
  image: Readonly<Record<string, unknown>>,
  key: string,
  part: 'url' | 'checksum',
  check: Check,
): string | undefined {
  const path = ['images', key, part];
  const value = Object.hasOwn(image, part) ? image[part] : undefined;
  if (value === undefined || value === null || value === '') {
    const problem = `${key} has no ${part}`;
    report(check, path, { code: 'MISSING_KEY', problem, remedy: byHand(key) }, true);
    return undefined;
  }
  const isBare = check.isTemplate(check.document.positionOf(path));
  const isText = typeof value === 'string';
  if (isBare || (isText && /\{\{|\{%|\{#/.test(value))) {
    const shown = isText ? quote(value) : `the ${part}`;
    const problem = `${shown} is a template of Ansible, which nobody renders here`;
    const remedy = `write the ${part} out in the list, or ${leaveOut(key)}`;
    report(check, path, { code: 'LIST_TEMPLATE', problem, remedy });
    return undefined;
  }
  if (isText) return value;
  const problem = `the ${part} is no text`;
  report(check, path, { code: 'WRONG_TYPE', problem, remedy: 'put it in quotes' });
  return undefined;
}

/** How a key is left out of an import. */
export function leaveOut(key: string): string {
  return `leave ${key} out (--except, or except in imports of the catalog)`;
}

function byHand(key: string): string {
  return `add it to the list; or ${leaveOut(key)}, and declare vm-${key} in the catalog by hand`;
}

function urlProblem(url: string): ValueProblem<string> | undefined {
  const invalid = urlRule(url);
  if (invalid !== undefined) return invalid;
  const form = diskForm(url);
  if (form.isOtherwisePacked) {
    const problem = `${quote(url)} is packed in a way that can't be undone here`;
    const remedy = `name a file that is packed with ${PACKINGS.join(' or ')}, or not at all`;
    return { code: 'URL_OTHER_PACKING', problem, remedy };
  }
  if (form.isKnown) return undefined;
  const problem = `${quote(url)} ends with the name of no format of disks`;
  return {
    code: 'URL_OTHER_FORMAT',
    problem,
    remedy: 'name a .qcow2, .img, .raw, .vmdk, .vdi or .vhd',
  };
}

function checksumProblem(written: string): ValueProblem<string> | undefined {
  const [, algorithm = '', rest = ''] = /^([a-z0-9_-]+):(.*)$/.exec(written) ?? [];
  if (/^[a-z]+:\/\//.test(rest)) {
    const problem = `${quote(written)} is the address of a checksum file, whose content may change`;
    return {
      code: 'INVALID_CHECKSUM',
      problem,
      remedy: `write ${algorithm}: and the digits in it`,
    };
  }
  return checksumRule(written);
}

/** One checksum for two files was copied. */
function checkRepeats(disks: readonly ListedDisk[]): readonly Problem[] {
  const steady = disks.filter(({ moving }) => moving === undefined);
  const byChecksum = Map.groupBy(steady, ({ checksum }) => checksum);
  const byUrl = Map.groupBy(steady, ({ url }) => url);
  return steady.flatMap((disk): readonly Problem[] => {
    const [first] = byChecksum.get(disk.checksum) ?? [];
    if (first !== undefined && first.url !== disk.url) {
      const problem = `${first.key} has this checksum for another address (line ${first.at.url.line})`;
      const remedy = `take the checksum that is published with ${quote(disk.url)}`;
      return [{ code: 'CHECKSUM_OF_OTHER_URL', ...disk.at.checksum, problem, remedy }];
    }
    const [same] = byUrl.get(disk.url) ?? [];
    if (same === undefined || same.checksum === disk.checksum) return [];
    const problem = `${same.key} has another checksum for the same address (line ${same.at.checksum.line})`;
    const remedy = 'keep the one that is published with the file';
    return [{ code: 'URL_OF_OTHER_CHECKSUM', ...disk.at.checksum, problem, remedy }];
  });
}

function report(
  { document, file, problems }: Check,
  path: DocumentPath,
  found: ValueProblem<string>,
  atKey = false,
): void {
  const where = atKey ? ({ path, atKey: true } as const) : { path };
  problems.push(locateProblem({ ...found, ...where }, document, file));
}
