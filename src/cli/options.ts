import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { formatDay, parseDate } from '../dates.ts';
import { flag, option, type OptionFor, type ValuesOf } from './subcommand.ts';
import { DEFAULT_PLATFORM } from '../catalog/image.ts';
import type { HostName } from '../merge-request/proposal-target.ts';
import { normalPlatform } from '../platforms.ts';
import { inputError } from '../problem.ts';
import { parsePreview, type Preview } from '../review/preview.ts';

export const stackOption: OptionFor<string> = new Option('--stack <name>', 'the name of the stack')
  .argParser(parseStackName)
  .default('prod');

/**
 * The engine's grammar of stack names, which an organisation and a project may stand before. It also keeps a name
 * from leading to another directory.
 */
function parseStackName(text: string): string {
  if (/^(?:\w[\w.-]*\/){0,2}[\w.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'A stack name holds letters, digits, "_", "." and "-" only, after <organisation>/ or <organisation>/<project>/.',
  );
}

/** The file with the settings of a stack, whose name may be qualified. */
export function stackFile(stack: string): string {
  return `Pulumi.${stack.replace(/.*\//, '')}.yaml`;
}

export const jsonOption = flag('--json', 'print JSON instead of text');

/** `--at`: the day that a forecast is for, by default today. */
export function dayOption(description: string): OptionFor<Date | undefined> {
  return option('--at <date>', description, parseForecastDay);
}

/**
 * The time of a forecast: a day begins in UTC, and a time of today that has passed means now. Earlier
 * days are rejected: the registry lists its present content only.
 */
function parseForecastDay(text: string): Date {
  const date = parseDate(text);
  if (date === undefined) {
    throw new InvalidArgumentError('Write a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  }
  const now = new Date();
  if (date >= now) return date;
  const today = formatDay(now);
  if (date >= new Date(today)) return now;
  throw new InvalidArgumentError(`A forecast looks ahead: write today, ${today}, or a later day.`);
}

const LONGEST_TIMEOUT = 86_400;

/** An option for a limit of time. */
export function secondsOption(flags: string, description: string): OptionFor<number | undefined> {
  return option(flags, description, (text) => {
    if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= LONGEST_TIMEOUT) return Number(text);
    throw new InvalidArgumentError('Write whole seconds, at most a day.');
  });
}

export const platformOption = option(
  '--platform <platform>',
  'one of the image (default: linux/amd64, or the first of an image without that)',
);

/** The platform that `platformOption` means; `undefined` for one that is not there. */
export function choosePlatform(platforms: readonly string[], chosen?: string): string | undefined {
  const wanted = normalPlatform(chosen ?? DEFAULT_PLATFORM);
  const [first] = chosen === undefined ? platforms : [];
  return platforms.find((platform) => platform === wanted) ?? first;
}

/** Where changes are proposed. */
export const proposalOptions = {
  // For detached checkouts, whose branch only the pipeline's variables name.
  branch: option(
    '--branch <name>',
    "the branch to propose changes for (default: the pipeline's branch)",
  ),
  remote: option('--remote <name>', 'where to push a proposal (default: origin)'),
  // For pipelines whose variables do not name the host, such as Cloud Build.
  host: option<HostName>(
    '--host <name>',
    "where to open the merge request (default: the pipeline's host)",
  ).choices(['gitlab', 'github'] satisfies HostName[]),
};

export type ProposalOptions = ValuesOf<typeof proposalOptions>;

/** `--preview`: the file with the output of `pulumi preview --json`. */
export const previewOption: OptionFor<string> = new Option(
  '--preview <file>',
  'the output of `pulumi preview --json`',
).makeOptionMandatory();

/** Reads a preview; `file` is relative to `root`. Throws an InvalidInputError. */
export function readPreview(root: string, file: string): Preview {
  const remedy = 'run `pulumi preview --json` and keep its output';
  return parsePreview(readTextOf(root, file, remedy), file);
}

/** Reads a text file that the command line names. Throws an InvalidInputError (FILE_UNREADABLE). */
export function readTextOf(root: string, file: string, remedy: string): string {
  try {
    return readFileSync(resolve(root, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const problem = `the file can't be read: ${reason}`;
    throw inputError('FILE_UNREADABLE', problem, remedy, { file });
  }
}
