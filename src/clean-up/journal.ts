import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../http/failure-causes.ts';
import { parseDigest } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { hasErrorCode, inputError } from '../problem.ts';

const DigestText = z.string().refine((text) => parseDigest(text) !== undefined);
const Place = { at: z.string(), registry: z.string(), image: z.string() };

/** A line of the journal. A clean-up writes it before it does what it says. */
const Entry = z.discriminatedUnion('event', [
  /** A publication and all that goes with it are about to go. */
  z.object({
    event: z.literal('begin'),
    ...Place,
    digest: DigestText,
    /** Digest → tags. */
    with: z.record(DigestText, z.array(z.string()).readonly()),
  }),
  z.object({
    event: z.literal('delete'),
    ...Place,
    digest: DigestText,
    tags: z.array(z.string()).readonly(),
    role: z.enum(['publication', 'member', 'attachment']),
    publishedAt: z.string().nullable(),
    reason: z.string(),
    /** The commits that say which versions branches need, as `source@branch`. */
    branches: z.record(z.string(), z.string()),
  }),
  /** `gone`: the registry did not have it any more. */
  z.object({ event: z.enum(['deleted', 'gone']), ...Place, digest: DigestText }),
  /** How many publications of each image there were when a run was over. */
  z.object({
    event: z.literal('inventory'),
    at: z.string(),
    registry: z.string(),
    publications: z.record(z.string(), z.number()),
  }),
]);

type JournalEntry = z.input<typeof Entry>;
export type WriteEntry = (entry: JournalEntry) => void;

/** Opens the journal for a run: each line is on the disk, and shown, before `write` returns. */
export function openJournal(file: string, show: (line: string) => void) {
  const text = textOf(file);
  const handle = orUnwritable(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a');
  });
  const append = (line: string) => {
    orUnwritable(file, () => {
      // Unlike `writeSync`, it fails where the disk takes only a part.
      appendFileSync(handle, line);
      fsyncSync(handle);
    });
  };
  if (text !== '' && !text.endsWith('\n')) append('\n');
  return {
    write: (entry: JournalEntry): void => {
      const line = `${JSON.stringify(entry)}\n`;
      append(line);
      show(line);
    },
    close: () => {
      closeSync(handle);
    },
  };
}

function orUnwritable<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const problem = `${file} can't be written: ${reasonOf(error)}`;
    throw inputError('JOURNAL_UNWRITABLE', problem, NAME_FILE);
  }
}

/** A publication that a run began to delete: what it did not come to, with its tags. */
interface UnfinishedUnit {
  readonly image: string;
  readonly digest: string;
  readonly left: ReadonlyMap<string, readonly string[]>;
}

interface JournalRecord {
  readonly unfinished: readonly UnfinishedUnit[];
  /** Image → publications, when the last run that came to its end was over, without what was deleted since. */
  readonly publications: Readonly<Record<string, number>>;
}

/** What the runs before have recorded of this registry. Throws an InvalidInputError for a file that is no journal. */
export function readJournal(file: string, registry: string): JournalRecord {
  const units = new Map<
    string,
    UnfinishedUnit & { readonly left: Map<string, readonly string[]> }
  >();
  let publications: Record<string, number> = {};
  let role: string | undefined;
  for (const entry of entriesOf(file)) {
    if (entry.registry !== registry) continue;
    if (entry.event === 'inventory') {
      publications = { ...entry.publications };
    } else if (entry.event === 'begin') {
      const { image, digest } = entry;
      const left = new Map(Object.entries(entry.with));
      units.set(`${image}@${digest}`, { image, digest, left });
    } else if (entry.event === 'delete') {
      ({ role } = entry);
    } else {
      const { [entry.image]: count } = publications;
      if (role === 'publication' && count !== undefined) publications[entry.image] = count - 1;
      for (const unit of units.values()) {
        if (unit.image === entry.image) unit.left.delete(entry.digest);
      }
    }
  }
  return { unfinished: [...units.values()].filter(({ left }) => left.size > 0), publications };
}

function entriesOf(file: string): readonly z.output<typeof Entry>[] {
  return textOf(file)
    .split('\n')
    .flatMap((line, position) => {
      const value = parseJson(Buffer.from(line));
      // A line that was cut by a full disk or a power failure stands for nothing that was done.
      if (line === '' || (value === undefined && line.startsWith('{'))) return [];
      const entry = Entry.safeParse(value);
      if (entry.success) return [entry.data];
      const problem = `${file}:${position + 1} is no line of a journal of clean-ups`;
      throw inputError('JOURNAL_UNREADABLE', problem, 'correct the line, or move the file away');
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw inputError('JOURNAL_UNREADABLE', `${file} can't be read: ${reasonOf(error)}`, NAME_FILE);
  }
}

const NAME_FILE = 'let this user read and write it, or name another file with --journal';

/** Such as EISDIR. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? errorCode(error) || error.message : String(error);
}
