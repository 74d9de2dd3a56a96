import type { DocumentProblem } from '../yaml/document-problem.ts';

/**
 * Every problem that a catalog can have, for programs to tell apart. The names are stable: prose may
 * change, a code never changes its meaning.
 */
export const CATALOG_PROBLEM_CODES = [
  // The file
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'NOT_UTF8',
  'YAML_SYNTAX',
  'YAML_ALIASES',
  // Its shape
  'EMPTY_CATALOG',
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'WRONG_TYPE',
  'UNQUOTED_VERSION',
  'UNQUOTED_VALUE',
  'KEY_OF_OTHER_KIND',
  // Values
  'INVALID_NAME',
  'DUPLICATE_NAME',
  'INVALID_BASE',
  'UNPINNED_BASE',
  'INVALID_FROM',
  'UNPINNED_FROM',
  'UNKNOWN_PLATFORM',
  'DUPLICATE_PLATFORM',
  'INVALID_SNAPSHOT',
  'INVALID_MAX_AGE',
  'INVALID_DIGEST',
  'INVALID_ARG_NAME',
  'RESERVED_ARG',
  'UNPINNED_ARG',
  'INVALID_COMMAND',
  'INVALID_TARGET',
  'UNKNOWN_KIND',
  'INVALID_URL',
  'INVALID_CHECKSUM',
  'UNKNOWN_PACKING',
  'UNKNOWN_FORMAT',
  'INVALID_SIZE',
  'UNKNOWN_LIST',
  'INVALID_REPOSITORY',
  'INVALID_BRANCH',
  'INVALID_PATH',
  // What a disk's values say of each other
  'MOVING_URL',
  'URL_OTHER_PACKING',
  'URL_OTHER_FORMAT',
  'URL_OTHER_VERSION',
  'CHECKSUM_OF_OTHER_URL',
  'URL_OF_OTHER_CHECKSUM',
  // What the values point at
  'CONTEXT_OUTSIDE',
  'CONTEXT_MISSING',
  'DOCKERFILE_OUTSIDE',
  'DOCKERFILE_MISSING',
  'DOCKERFILE_SYNTAX',
  'DOCKERFILE_FROM',
  'DOCKERFILE_PLATFORM',
  'DOCKERFILE_DOWNLOAD',
  'DOCKERFILE_LABELS',
  'UNKNOWN_TARGET',
] as const;

export type CatalogProblemCode = (typeof CATALOG_PROBLEM_CODES)[number];

/** A problem by its path in the catalog. */
export type CatalogProblem = DocumentProblem<CatalogProblemCode>;
