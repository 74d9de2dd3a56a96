import { isBranchName } from '../branch-name.ts';
import {
  compileGlob,
  compilePattern,
  GLOB_SHAPE,
  templateGroups,
  templateText,
} from './pattern.ts';
import type { ValueRule } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

/** The problem codes of a source's values. The codes of its shape are `ShapeCode`. */
export const SOURCE_CODES = [
  'INVALID_SOURCE_NAME',
  'INVALID_ALIAS',
  'INVALID_REPOSITORY',
  'INVALID_BRANCH',
  'INVALID_COUNT',
  'INVALID_PATH',
  'INVALID_GLOB',
  'INVALID_PATTERN',
  'INVALID_TEMPLATE',
  'DUPLICATE_ENTRY',
] as const;

export type SourceCode = (typeof SOURCE_CODES)[number];

type SourceRule<Value = string> = ValueRule<SourceCode, Value>;

/** More branches than anybody supports. */
export const MOST_RELEASES = 100;

/** A rule whose problem is the quoted value followed by `problem`. */
function rule(
  code: SourceCode,
  isValid: (text: string) => boolean,
  problem: string,
  remedy: string,
): SourceRule {
  return (text) =>
    isValid(text) ? undefined : { code, problem: `${quote(text)} ${problem}`, remedy };
}

export const sourceNameRule = rule(
  'INVALID_SOURCE_NAME',
  (text) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 63,
  "can't be a source's name",
  'use lower-case letters and digits, separated by single dashes, 63 at most',
);

export const aliasPrefixRule = rule(
  'INVALID_ALIAS',
  (text) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/.test(text),
  "can't begin a tag",
  'use letters, digits, dots, dashes and underscores, 63 at most, such as kubespray-',
);

export const branchRule = rule(
  'INVALID_BRANCH',
  isBranchName,
  "can't be a branch's name",
  'write a name such as main or release-2.31',
);

export const releasesRule = rule(
  'INVALID_BRANCH',
  (text) => text.split('*').length === 2 && isBranchName(text.replace('*', '1')),
  'matches no branches by their versions',
  'write one * for the version, as in release-*',
);

export const catalogPathRule = rule(
  'INVALID_PATH',
  (text) => compileGlob(text) !== undefined && !/[*?]/.test(text),
  'is no path in a repository',
  "write the catalog's path in the repository, such as config/images.yml",
);

export const globRule = rule(
  'INVALID_GLOB',
  (text) => compileGlob(text) !== undefined,
  'matches no file',
  `write ${GLOB_SHAPE}`,
);

export const templateRule = rule(
  'INVALID_TEMPLATE',
  (text) => /^[a-z0-9._-]*$/.test(templateText(text)) && templateGroups(text).length > 0,
  "gives no image's name",
  "write it as '${image}' or 'vm-${image}'",
);

const ADDRESS_REMEDY = 'write the path of a clone, or a URL: https://, ssh:// or file://';

const ADDRESS_PROBLEMS: readonly (readonly [pattern: RegExp, problem: string, remedy?: string])[] =
  [
    [/^$|^-|\p{Cc}/u, 'this is neither a path nor a URL'],
    [/::/, 'git would run a program of that name'],
    [
      /^(?!(?:https|ssh|file):\/\/)[A-Za-z][A-Za-z0-9+.-]*:\/\//,
      'this protocol does not protect the content on its way',
    ],
    [
      /^[a-z]+:\/\/[^/@]*:[^/@]*@/i,
      'there is a password in the address',
      "take it out, revoke it, and use git's own credentials",
    ],
  ];

export const repositoryRule: SourceRule = (text) => {
  const found = ADDRESS_PROBLEMS.find(([pattern]) => pattern.test(text));
  if (found === undefined) return undefined;
  const [, problem, remedy = ADDRESS_REMEDY] = found;
  return { code: 'INVALID_REPOSITORY', problem, remedy };
};

export const newestRule: SourceRule<number> = (count) => {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_RELEASES) return undefined;
  const remedy = `write a whole number from 1 to ${MOST_RELEASES}, without quotes`;
  return { code: 'INVALID_COUNT', problem: `${count} is no number of branches`, remedy };
};

export const patternRule: SourceRule = (text) => {
  const compiled = compilePattern(text);
  return 'pattern' in compiled ? undefined : { code: 'INVALID_PATTERN', ...compiled };
};
