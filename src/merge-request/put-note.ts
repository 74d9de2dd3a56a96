import { retry, type RetryOptions } from '../http/retry.ts';
import { HostError } from './host-request.ts';
import type { Notes } from './notes.ts';

/** The hidden first line by which the note of a stack is found again. */
export function markerOf(stack: string): string {
  return `<!-- kubernetes-ci-images: preview of ${stack} -->`;
}

/**
 * Gives a merge request one note of this stack, with this text: edits the one that is there, or posts
 * it. Retries all of it, since the note may have been posted though no response came. Throws a
 * HostError.
 */
export async function putNote(
  notes: Notes,
  stack: string,
  text: string,
  options: RetryOptions = {},
): Promise<'posted' | 'edited'> {
  const { result } = await retry(async () => {
    try {
      return { result: await put(notes, markerOf(stack), text), isFinal: true };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { result: error, isFinal: !error.isPassing, retryAfter: error.retryAfter };
    }
  }, options);
  if (result instanceof HostError) throw result;
  return result;
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
      if (!(error instanceof HostError) || error.isPassing) throw error;
    }
  }
  await notes.post(body);
  return 'posted';
}
