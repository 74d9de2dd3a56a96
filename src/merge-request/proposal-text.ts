import { parseImageReference } from '../image-reference.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import { nameOfBase } from '../refresh/refresh-bases.ts';

/** The texts of a proposal. */
export interface ProposalText {
  /** One line: the subject of the commit and the title of the merge request. */
  readonly subject: string;
  /** A Markdown list, which is readable in a terminal, too. */
  readonly body: string;
  /** The list in one line, for hosts that take only one. */
  readonly line: string;
}

/** Characters. Git sends a push option in one packet of at most 65 516 bytes (gitprotocol-common). */
const LONGEST_LINE = 10_000;

/** The texts for edits of the catalog `file`. */
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

/** The old and the new value, with all digits: `sha256:a... → sha256:b...`. */
export function stepOf({ from = 'not pinned', to }: CatalogEdit): string {
  return `${from} → ${to}`;
}

/** The images and the value: `debian-12: base docker.io/library/debian:12`. */
export function titleOf({ kind, images, replacement }: CatalogEdit): string {
  const base = kind === 'base' ? parseImageReference(replacement) : undefined;
  return `${images.join(', ')}: ${base === undefined ? kind : `base ${nameOfBase(base)}`}`;
}

function oneLine(edits: readonly CatalogEdit[]): string {
  const parts: string[] = [];
  let length = 0;
  for (const edit of edits) {
    const part = `${titleOf(edit)}: ${stepOf(edit)}`.replaceAll(/\s+/g, ' ');
    length += part.length;
    if (length > LONGEST_LINE) {
      parts.push(`and ${edits.length - parts.length} more, which the commit lists`);
      break;
    }
    parts.push(part);
  }
  return parts.join('; ');
}
