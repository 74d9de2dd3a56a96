import { isBranchName } from '../branch-name.ts';
import { didYouMean, quote, closest } from '../yaml/wording.ts';
import { parseDigest, parseImageReference, parseRepository } from '../image-reference.ts';
import { imageOf, isPinned } from './front-ends.ts';
import { CONTENTS } from './image.ts';
import { meantPlatform, PLATFORMS } from '../platforms.ts';
import { BUILD_ARGUMENTS } from './build-arguments.ts';
import type { CatalogProblemCode } from './problem-code.ts';
import type { ValueRule as DocumentRule } from '../yaml/document-problem.ts';

/** Checks one value of the catalog that has the right type; `undefined` when it is valid. */
export type ValueRule = DocumentRule<CatalogProblemCode>;

const REFERENCE_SHAPE = 'registry/repository:tag@sha256:<64 hexadecimal digits>';
const DOCKER_HUB = 'docker.io';

/** A base image must be fully qualified and pinned by digest, so that its tag can't move under it. */
export const baseRule: ValueRule = (text) => pinnedRule(text, 'BASE');

/** An image that is copied must be pinned as well. */
export const fromRule: ValueRule = (text) => pinnedRule(text, 'FROM');

function pinnedRule(text: string, key: 'BASE' | 'FROM'): ReturnType<ValueRule> {
  const code = `INVALID_${key}` as const;
  const reference = parseImageReference(text);
  if (reference === undefined) {
    return {
      code,
      problem: `${quote(text)} is no full image reference`,
      remedy: `write it as ${spelledOut(text) ?? REFERENCE_SHAPE}`,
    };
  }
  if (reference.registry === DOCKER_HUB && !reference.repository.includes('/')) {
    const full = text.replace(`${DOCKER_HUB}/`, `${DOCKER_HUB}/library/`);
    const problem = `Docker Hub holds ${quote(reference.repository)} under library/`;
    return { code, problem, remedy: `write it as ${full}` };
  }
  if (reference.digest !== undefined) return undefined;
  return {
    code: `UNPINNED_${key}`,
    problem: `${quote(text)} may be another image tomorrow`,
    remedy: 'run `npm run images -- refresh`, which appends the digest that it names now',
  };
}

/** Docker's short names: `debian:12` is `docker.io/library/debian:12`. */
function spelledOut(text: string): string | undefined {
  const prefix = text.includes('/') ? `${DOCKER_HUB}/` : `${DOCKER_HUB}/library/`;
  const reference = parseImageReference(`${prefix}${text}`);
  if (reference === undefined) return undefined;
  return `${prefix}${text}${reference.digest === undefined ? '@sha256:...' : ''}`;
}

/** A name is one component of a repository path (OCI distribution spec, "Pulling manifests"). */
export const nameRule = textRule(
  (text) => !text.includes('/') && parseRepository(text) !== undefined,
  'INVALID_NAME',
  "can't be a repository's name",
  'use lower-case letters and digits, separated by single dots, underscores or dashes',
);

export const digestRule = textRule(
  (text) => parseDigest(text) !== undefined,
  'INVALID_DIGEST',
  'is no digest',
  'write sha256: and 64 hexadecimal digits, as the registry shows them',
);

export const holdsRule = choiceRule(CONTENTS, 'UNKNOWN_KIND', 'kind of image that is copied');

export const platformRule = choiceRule(PLATFORMS, 'UNKNOWN_PLATFORM', 'platform', meantPlatform);

export const differentPlatformsRule: DocumentRule<CatalogProblemCode, readonly string[]> = (
  platforms,
) => {
  const repeated = platforms.find((platform, at) => platforms.indexOf(platform) !== at);
  if (repeated === undefined) return undefined;
  const problem = `${quote(repeated)} is there twice`;
  return { code: 'DUPLICATE_PLATFORM', problem, remedy: 'delete one of them' };
};

export const someDiskRule: DocumentRule<CatalogProblemCode, object> = (disks) => {
  if (Object.keys(disks).length > 0) return undefined;
  const remedy = 'write a platform, such as linux/amd64, with url and checksum below it';
  return { code: 'MISSING_KEY', problem: 'there is no disk', remedy };
};

/** A day that exists; the date alone, since times would pretend to a precision that archives lack. */
export const snapshotRule = textRule(
  (text) => {
    const date = new Date(`${text}T00:00:00Z`);
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime());
    return isDate && date.toISOString().startsWith(text);
  },
  'INVALID_SNAPSHOT',
  'is no date',
  'write a day that exists as YYYY-MM-DD',
);

export const maxAgeRule = textRule(
  (text) => parseMaxAge(text) !== undefined,
  'INVALID_MAX_AGE',
  'is no age of a snapshot',
  'write days or weeks such as 30d or 4w',
);

/** The days of `30d` or `4w`, up to 9999 of either; `undefined` for anything else. */
export function parseMaxAge(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,3})([dw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 'w' ? 7 : 1);
}

export const argNameRule: ValueRule = (text) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) {
    const problem = `${quote(text)} can't be a build argument's name`;
    const remedy = 'use letters, digits and underscores, not starting with a digit';
    return { code: 'INVALID_ARG_NAME', problem, remedy };
  }
  if (!BUILD_ARGUMENTS.some((name) => name === text)) return undefined;
  return {
    code: 'RESERVED_ARG',
    problem: `every build gets ${text} already, from the catalog and the commit`,
    remedy: 'delete it or use another name',
  };
};

/**
 * The build argument that names the front end, for BuildKit (`Build` of its Dockerfile front end): it goes
 * before what the Dockerfile names.
 */
export const frontEndRule: ValueRule = (text) => {
  if (isPinned(imageOf(text))) return undefined;
  const problem = `${quote(text)} reads the Dockerfile, and may be another image tomorrow`;
  return { code: 'UNPINNED_ARG', problem, remedy: 'append its digest (@sha256:...), or delete it' };
};

export const branchRule = textRule(
  isBranchName,
  'INVALID_BRANCH',
  "can't be a branch's name",
  'write a name such as main or release-2.31',
);

/** A file of a repository, without a way out of it. */
export const pathRule = textRule(
  (text) => text !== '' && text.split('/').every((part) => !/^\.{0,2}$|\0/.test(part)),
  'INVALID_PATH',
  'is no path in a repository',
  'write a path such as tests/defaults/main.yml',
);

/** A command is one line, as error messages quote it. */
export const commandRule: ValueRule = (text) => {
  if (text.trim() !== '' && !/[\0\n\r]/.test(text)) return undefined;
  const problem = text.trim() === '' ? 'an empty command always succeeds' : 'it has several lines';
  const remedy = 'write one line for a shell, such as containerd --version';
  return { code: 'INVALID_COMMAND', problem, remedy };
};

/** Docker's grammar of stage names. Positions (`0`) are rejected: they change with each stage added. */
export const targetRule = textRule(
  (text) => /^[A-Za-z][A-Za-z0-9._-]*$/.test(text),
  'INVALID_TARGET',
  "can't be a stage's name",
  'name a stage of the Dockerfile, as in FROM ... AS name',
);

/** A rule for one word of several; `correct` corrects what is known to be written instead. */
export function choiceRule(
  choices: readonly string[],
  code: CatalogProblemCode,
  what: string,
  correct = (text: string) => text,
): ValueRule {
  return (text) => {
    if (choices.includes(text)) return undefined;
    const meant = closest(correct(text), choices);
    const remedy = didYouMean(meant, `use one of ${choices.join(', ')}`);
    return { code, problem: `${quote(text)} is no ${what}`, remedy };
  };
}

/** A rule for text that `isValid`: else the text in quotes `is` something, with a remedy. */
export function textRule(
  isValid: (text: string) => boolean,
  code: CatalogProblemCode,
  is: string,
  remedy: string,
): ValueRule {
  return (text) => (isValid(text) ? undefined : { code, problem: `${quote(text)} ${is}`, remedy });
}
