import { resolve } from 'node:path';
import { openClone } from './open-clone.ts';
import { openRemote } from './open-remote.ts';
import { isUrl, type OpenSource } from '../branches/source.ts';

/** Where repositories are found. */
export interface SourcePlaces {
  /** The checkout that relative paths start from. */
  readonly checkout: string;
  /** A folder for what is fetched from URLs, kept for the next time. */
  readonly cache: string;
}

/** Opens clones where they are, and fetches from URLs. */
export function sourceOpener({ checkout, cache }: SourcePlaces): OpenSource {
  return ({ repository }) =>
    isUrl(repository) ? openRemote(repository, cache) : openClone(resolve(checkout, repository));
}
