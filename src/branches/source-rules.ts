import { isBranchName } from '../branch-name.ts';
import {
  compileGlob,
  GLOB_SHAPE,
  compilePattern,
  templateGroups,
  templateText,
} from './pattern.ts';
import { addressFlaw } from './source.ts';
import type { ValueProblem, ValueRule } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

/** What can be wrong with a source, but for its shape. */
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

function refuse(code: SourceCode, problem: string, remedy: string): ValueProblem<SourceCode> {
  return { code, problem, remedy };
}

export const sourceNameRule: SourceRule = (text) => {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 63) return undefined;
  const remedy = 'use lower-case letters and digits, separated by single dashes, 63 at most';
  return refuse('INVALID_SOURCE_NAME', `${quote(text)} can't be a source's name`, remedy);
};

export const aliasPrefixRule: SourceRule = (text) => {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/.test(text)) return undefined;
  const remedy =
    'use letters, digits, dots, dashes and underscores, 63 at most, such as kubespray-';
  return refuse('INVALID_ALIAS', `${quote(text)} can't begin a tag`, remedy);
};

export const repositoryRule: SourceRule = (text) => {
  const flaw = addressFlaw(text);
  return flaw && { code: 'INVALID_REPOSITORY', ...flaw };
};

export const branchRule: SourceRule = (text) => {
  if (isBranchName(text)) return undefined;
  const problem = `${quote(text)} can't be a branch's name`;
  return refuse('INVALID_BRANCH', problem, 'write a name such as main or release-2.31');
};

export const releasesRule: SourceRule = (text) => {
  const stars = text.split('*').length - 1;
  if (stars === 1 && isBranchName(text.replace('*', '1'))) return undefined;
  const problem = `${quote(text)} matches no branches by their versions`;
  return refuse('INVALID_BRANCH', problem, 'write one * for the version, as in release-*');
};

export const newestRule: SourceRule<number> = (count) => {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_RELEASES) return undefined;
  const remedy = `write a whole number from 1 to ${MOST_RELEASES}, without quotes`;
  return refuse('INVALID_COUNT', `${count} is no number of branches`, remedy);
};

export const catalogPathRule: SourceRule = (text) => {
  if (compileGlob(text) !== undefined && !/[*?]/.test(text)) return undefined;
  const remedy = "write the catalog's path in the repository, such as config/images.yml";
  return refuse('INVALID_PATH', `${quote(text)} is no path in a repository`, remedy);
};

export const globRule: SourceRule = (text) => {
  if (compileGlob(text) !== undefined) return undefined;
  return refuse('INVALID_GLOB', `${quote(text)} matches no file`, `write ${GLOB_SHAPE}`);
};

export const patternRule: SourceRule = (text) => {
  const compiled = compilePattern(text);
  return 'pattern' in compiled ? undefined : { code: 'INVALID_PATTERN', ...compiled };
};

export const templateRule: SourceRule = (text) => {
  const isName = /^[a-z0-9._-]*$/.test(templateText(text));
  if (isName && templateGroups(text).length > 0) return undefined;
  const problem = `no image's name follows from ${quote(text)}`;
  return refuse('INVALID_TEMPLATE', problem, "write it as '${image}' or 'vm-${image}'");
};
