import { z } from 'zod';
import type { RetryOptions } from '../http/retry.ts';
import { HostError, hostRequest, listAll, requestJson, retryHost } from './host-api.ts';
import type { NoteTarget } from './note-target.ts';

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
  target: NoteTarget,
  stack: string,
  text: string,
  options: RetryOptions = {},
): Promise<'posted' | 'edited'> {
  return retryHost(() => put(target, markerOf(stack), text), options);
}

async function put(target: NoteTarget, marker: string, text: string): Promise<'posted' | 'edited'> {
  const { api, notes, note, editMethod: method } = target;
  const body = { body: `${marker}\n${text}` };
  const ours = (await listNotes(target)).find((one) => one.body?.startsWith(marker));
  if (ours !== undefined) {
    try {
      await hostRequest(api, { method, path: `${note}${ours.id}`, body });
      return 'edited';
    } catch (error) {
      // Somebody else has written a note with this marker.
      if (!(error instanceof HostError) || error.isPassing) throw error;
    }
  }
  await hostRequest(api, { method: 'POST', path: notes, body });
  return 'posted';
}

const User = z.object({ id: z.number() });

const Note = z.object({ id: z.number(), body: z.string().nullable(), author: User.optional() });

/** The notes that the token's owner may have written. */
async function listNotes({ api, notes, query, owner }: NoteTarget) {
  const me = owner === undefined ? undefined : await requestJson(api, User, owner);
  const found = await listAll(api, Note, notes, query);
  return me === undefined ? found : found.filter(({ author }) => author?.id === me.id);
}
