import { CodedError } from '../../coded-error.ts';

/**
 * - `SOURCE_UNREACHABLE`: the publisher's server does not answer, or only with a refusal.
 * - `SOURCE_UNSAFE`: the answer would come, or came, over a line on which anybody can change it.
 * - `SOURCE_TOO_LARGE`: a list is larger than any list is.
 * - `SOURCE_GONE`: where the pinned build was, there is nothing any more.
 * - `SOURCE_UNKNOWN`: the URL is not of the shape that the publisher's have.
 * - `LIST_UNREADABLE`: a list of builds has no build like the pinned one in it.
 * - `CHECKSUM_UNREADABLE`: no checksum is published for the build, or an empty, a broken or a second one.
 * - `CHECKSUM_DIFFERS`: another checksum than the pinned one is published for the pinned build.
 */
export type SourceErrorCode =
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_UNSAFE'
  | 'SOURCE_TOO_LARGE'
  | 'SOURCE_GONE'
  | 'SOURCE_UNKNOWN'
  | 'LIST_UNREADABLE'
  | 'CHECKSUM_UNREADABLE'
  | 'CHECKSUM_DIFFERS';

/** Why the newest build of a disk is not known: `code  problem; remedy` in one line, ready to print. */
export class SourceError extends CodedError<SourceErrorCode> {
  override readonly name = 'SourceError';
}

/** Nothing is left of what a URL pointed at. */
export function sourceGone(url: string): SourceError {
  const remedy =
    'pin a build that is still published, or where its archive is; else drop the image';
  return new SourceError('SOURCE_GONE', `${url} is not there any more`, remedy);
}
