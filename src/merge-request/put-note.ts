import { setTimeout as wait } from 'node:timers/promises';
import type { Notes } from './notes.ts';
import { InvalidInputError } from '../problem.ts';

/** Milliseconds before each further try. */
const PAUSES = [1000, 4000, 10_000];

/** The hidden first line by which the note of a stack is found again. */
export function markerOf(stack: string): string {
  return `<!-- kubernetes-ci-images: preview of ${stack} -->`;
}

/**
 * Sees to it that a merge request has one note of this stack, with this text: edits the one that is there,
 * or posts it. Tries again what may be better later. Rejects as the host's requests do.
 */
export async function putNote(
  notes: Notes,
  stack: string,
  text: string,
  pauses: readonly number[] = PAUSES,
): Promise<'posted' | 'edited'> {
  const [pause, ...others] = pauses;
  try {
    return await put(notes, markerOf(stack), text);
  } catch (error) {
    if (pause === undefined || !isPassing(error)) throw error;
    await wait(pause);
    // From the start: the note may have been posted though nobody said so.
    return putNote(notes, stack, text, others);
  }
}

async function put(notes: Notes, marker: string, text: string): Promise<'posted' | 'edited'> {
  const body = `${marker}\n${text}`;
  const [ours] = (await notes.list()).filter((note) => note.body.startsWith(marker));
  if (ours !== undefined) {
    try {
      await notes.edit(ours.id, body);
      return 'edited';
    } catch (error) {
      // Somebody else's, with our marker in it.
      if (!(error instanceof InvalidInputError) || isPassing(error)) throw error;
    }
  }
  await notes.post(body);
  return 'posted';
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof InvalidInputError &&
    error.problems.every(({ code }) => code.endsWith('_UNREACHABLE'))
  );
}
