/**
 * Why it can't be said what the supported branches need. With any of them nothing is known, and nothing
 * may change: "nothing found" never means "nothing needed". What is wrong with a branch's own catalog
 * has the catalog's codes. The names are stable.
 */
export type ReferenceCode =
  // The repository
  | 'REPOSITORY_UNREACHABLE'
  | 'SHALLOW_CLONE'
  // Its branches
  | 'NO_SUPPORTED_BRANCH'
  | 'NO_DEFAULT_BRANCH'
  | 'BRANCH_MISSING'
  | 'ALIAS_COLLISION'
  // What they hold
  | 'NO_REFERENCES'
  | 'INVALID_REFERENCE'
  | 'LINE_TOO_LONG'
  | 'BROKEN_LINK'
  | 'FILE_TOO_LARGE'
  | 'NOT_UTF8'
  | 'FILE_NAME_ENCODING';
