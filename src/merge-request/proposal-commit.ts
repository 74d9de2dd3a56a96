import type { Environment } from '../environment.ts';
import { parseImageReference } from '../image-reference.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import { nameOfBase } from '../refresh/refresh-bases.ts';

/** The texts of a proposal, for its commit and its merge request. */
export interface ProposalText {
  /** One line: the subject of the commit and the title of the merge request. */
  readonly subject: string;
  /** A Markdown list, which is readable in a terminal, too. */
  readonly body: string;
  /** The list, up to the length that a pull request takes. */
  readonly description: string;
  /** The list in one line, for hosts that take only one. */
  readonly line: string;
}

/** Characters. Git sends a push option in one packet of at most 65 516 bytes (gitprotocol-common). */
const LONGEST_LINE = 10_000;

/** Characters. GitHub takes 65 536. */
const LONGEST_DESCRIPTION = 60_000;

/** Characters of the catalog's path in a title, of which GitLab takes 255. */
const LONGEST_PATH = 200;

/** The texts for edits of the catalog `file`. */
export function proposalText(file: string, edits: readonly CatalogEdit[]): ProposalText {
  const values = edits.length === 1 ? '1 value' : `${edits.length} values`;
  const items = edits.map((edit) => `- ${titleOf(edit)}\n  ${stepOf(edit)}`);
  const parts = edits.map((edit) => `${titleOf(edit)}: ${stepOf(edit)}`.replaceAll(/\s+/g, ' '));
  const bodyOf = (lines: readonly string[]) =>
    `${lines.join('\n')}\n\n\`images refresh\` found them.\n`;
  return {
    subject: `Refresh ${values} of ${endOf(file)}`,
    body: bodyOf(items),
    description: bodyOf(firstOf(items, LONGEST_DESCRIPTION, '- ')),
    line: firstOf(parts, LONGEST_LINE).join('; '),
  };
}

function endOf(file: string): string {
  return file.length > LONGEST_PATH ? `…${file.slice(-LONGEST_PATH)}` : file;
}

/** The old and the new value, with all digits: `sha256:a... → sha256:b...`. */
export function stepOf({ kind, from = 'not pinned', to }: CatalogEdit): string {
  if (kind === 'disk') return `new: ${to}`;
  return `${from} → ${to}`;
}

/** The images and the value: `debian-12: base docker.io/library/debian:12`. */
export function titleOf({ kind, images, replacement }: CatalogEdit): string {
  const isReference = kind === 'base' || kind === 'from';
  const followed = isReference ? parseImageReference(replacement) : undefined;
  const value = followed === undefined ? kind : `${kind} ${nameOfBase(followed)}`;
  return `${images.join(', ')}: ${value}`;
}

/** The first parts, of at most `longest` characters together, and the number of the others. */
function firstOf(parts: readonly string[], longest: number, bullet = ''): readonly string[] {
  let length = 0;
  const end = parts.findIndex((part) => (length += part.length + 2) > longest);
  if (end < 0) return parts;
  return [
    ...parts.slice(0, end),
    `${bullet}and ${parts.length - end} more, which the commit lists`,
  ];
}

/** The default author. The address can never be anybody's (RFC 2606, ".invalid"). */
const BOT = {
  name: 'kubernetes-ci-images',
  email: 'refresh@kubernetes-ci-images.invalid',
} as const;

/** The variables with author and committer ("git-commit-tree"): the environment's, or else the bot's. */
export function commitIdentity(environment: Environment) {
  const or = (name: string, otherwise: string) => [environment[name]].find(Boolean) ?? otherwise;
  return {
    GIT_AUTHOR_NAME: or('GIT_AUTHOR_NAME', BOT.name),
    GIT_AUTHOR_EMAIL: or('GIT_AUTHOR_EMAIL', BOT.email),
    GIT_COMMITTER_NAME: or('GIT_COMMITTER_NAME', BOT.name),
    GIT_COMMITTER_EMAIL: or('GIT_COMMITTER_EMAIL', BOT.email),
  };
}

/** Whether a commit is a proposal of the bot or of `ourEmail`, and not a person's commit on top. */
export function isProposal(
  { committerEmail, subject }: { readonly committerEmail: string; readonly subject: string },
  ourEmail: string,
): boolean {
  return (
    [BOT.email, ourEmail].includes(committerEmail) && /^Refresh \d+ values? of \S/.test(subject)
  );
}
