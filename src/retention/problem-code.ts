/**
 * Every mistake that a retention file can hold, for programs to tell apart. The names are stable: prose
 * may change, a code never changes its meaning.
 */
export const RETENTION_PROBLEM_CODES = [
  // The file
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'NOT_UTF8',
  'YAML_SYNTAX',
  'YAML_ALIASES',
  // Its shape
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'WRONG_TYPE',
  'UNQUOTED_VALUE',
  // Values
  'INVALID_DURATION',
  'INVALID_COUNT',
  'INVALID_ALIAS',
  'INVALID_ENTRY',
  'DUPLICATE_ENTRY',
  // Sources
  'INVALID_SOURCE_NAME',
  'INVALID_REPOSITORY',
  'INVALID_BRANCH',
  'INVALID_PATH',
  'INVALID_GLOB',
  'INVALID_PATTERN',
  'INVALID_TEMPLATE',
  // What Artifact Registry takes
  'TOO_MANY_POLICIES',
] as const;

export type RetentionProblemCode = (typeof RETENTION_PROBLEM_CODES)[number];
