import type { NoteTarget } from './note-target.ts';
import { githubNotes } from './github-notes.ts';
import { gitlabNotes } from './gitlab-notes.ts';

/** A note on a merge request. */
export interface Note {
  readonly id: number;
  readonly body: string;
}

/** The notes of one merge request. All of it rejects as `hostRequest` does. */
export interface Notes {
  /** Those that the token's owner may have written, the oldest first. */
  list(): Promise<readonly Note[]>;
  post(body: string): Promise<void>;
  edit(id: number, body: string): Promise<void>;
}

export function notesOf(target: NoteTarget): Notes {
  return target.host === 'gitlab' ? gitlabNotes(target) : githubNotes(target);
}
