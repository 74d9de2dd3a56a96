import { parseDocument } from 'yaml';

const COMMENT =
  ' No dated archives can be reached from where bases are made: packages are today’s.';

/**
 * The catalog with Debian's dated archives switched off for every image, by the same build argument
 * that a catalog of any project may set. The snapshot still forces a rebuild.
 */
export function withoutDatedArchives(catalog: string): string {
  const document = parseDocument(catalog);
  const args = document.createNode({ DEBIAN_SNAPSHOTS: '' });
  args.commentBefore = COMMENT;
  document.setIn(['defaults', 'args'], args);
  return document.toString({ lineWidth: 0 });
}
