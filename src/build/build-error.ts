import { ShownError } from '../problem.ts';

type BuildErrorCode =
  | 'BUILD_FAILED' // Docker ended with an error.
  | 'BUILD_TIMEOUT' // It was not built in time.
  | 'BUILD_TOO_LARGE' // It takes more space than it may.
  | 'BASE_UNREACHABLE' // The registry of its base, or the way there, fails by itself.
  | 'NO_SPACE' // The disk of the Docker Engine is full.
  | 'FOREIGN_PLATFORM' // It runs programs for another processor, which nothing here emulates.
  | 'MISSING_PROGRAM'; // The Docker client can't build with BuildKit.

/** Why an image is not built, with the end of what Docker printed. */
export class BuildError extends ShownError<BuildErrorCode> {
  override readonly name = 'BuildError';
}
