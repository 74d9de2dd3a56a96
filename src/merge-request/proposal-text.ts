import { nameOfBase, type CatalogEdit } from './catalog-edits.ts';

/** What people read of a proposal. */
export interface ProposalText {
  /** One line: of the commit and of the merge request. */
  readonly subject: string;
  /** A Markdown list, which is good to read in a terminal too. */
  readonly body: string;
  /** The list in one line, for hosts that take no more. */
  readonly line: string;
}

/** Characters; git sends a push option in one packet of 65 516 bytes at most (gitprotocol-common). */
const LONGEST_LINE = 10_000;

/** The texts for what a refresh has changed in the catalog `file`. */
export function proposalText(file: string, edits: readonly CatalogEdit[]): ProposalText {
  const values = edits.length === 1 ? '1 value' : `${edits.length} values`;
  const items = edits.map((edit) => `- ${titleOf(edit)}\n  ${stepOf(edit)}`);
  return {
    subject: `Refresh ${values} of ${file}`,
    body: `${items.join('\n')}\n\n\`images refresh\` found them, \`images propose\` committed them.\n`,
    line: oneLine(edits),
  };
}

/** Whether a commit's subject is that of a proposal. */
export function isProposalSubject(subject: string): boolean {
  return /^Refresh \d+ values? of \S/.test(subject);
}

/** Old and new, digests in full. */
export function stepOf({ from = 'not pinned', to }: CatalogEdit): string {
  return `${from} → ${to}`;
}

/** Whose value of what it is: `debian-12: base docker.io/library/debian:12`. */
export function titleOf({ kind, images, replacement }: CatalogEdit): string {
  const whose = images.join(', ');
  return kind === 'base' ? `${whose}: base ${nameOfBase(replacement)}` : `${whose}: ${kind}`;
}

function oneLine(edits: readonly CatalogEdit[]): string {
  const parts: string[] = [];
  let length = 0;
  for (const edit of edits) {
    const part = `${titleOf(edit)}: ${stepOf(edit)}`.replaceAll(/\s+/g, ' ');
    length += part.length;
    if (length > LONGEST_LINE) break;
    parts.push(part);
  }
  const others = edits.length - parts.length;
  return [...parts, ...(others > 0 ? [`and ${others} more, which the commit lists`] : [])].join(
    '; ',
  );
}
