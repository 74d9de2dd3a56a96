/** The parts of a commit that the program reads. */
export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committerEmail: string;
  /** ISO 8601, in UTC. Git takes a date that it can't read for the first second of 1970. */
  readonly committedAt: string;
  readonly subject: string;
}

/** Parses the output of `git cat-file commit`. */
export function parseCommitObject(text: string): CommitObject {
  const [head = '', message = ''] = text.split(/\n\n(.*)/s);
  const valuesOf = (name: string) =>
    head
      .split('\n')
      .flatMap((line) => (line.startsWith(`${name} `) ? line.slice(name.length + 1) : []));
  const [committer = ''] = valuesOf('committer');
  const [, seconds = '0'] = /> (\d{1,11}) [+-]\d+$/.exec(committer) ?? [];
  return {
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    committerEmail: /<([^>]*)>/.exec(committer)?.[1] ?? '',
    committedAt: new Date(Number(seconds) * 1000).toISOString(),
    subject: message.replace(/\n.*/s, ''),
  };
}

/** Whether a commit has this tree and only this parent: the same proposal, made at another time. */
export function isSameCommit(commit: CommitObject, tree: string, parent: string): boolean {
  return commit.tree === tree && commit.parents.length === 1 && commit.parents[0] === parent;
}
