/** The parts of a commit that tell whether it is a proposal, and which one. */
export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committerEmail: string;
  readonly subject: string;
}

/** Parses the output of `git cat-file commit`. */
export function parseCommitObject(text: string): CommitObject {
  const [head = '', message = ''] = text.split(/\n\n(.*)/s);
  const valuesOf = (name: string) =>
    head
      .split('\n')
      .flatMap((line) => (line.startsWith(`${name} `) ? line.slice(name.length + 1) : []));
  return {
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    committerEmail: /<([^>]*)>/.exec(valuesOf('committer')[0] ?? '')?.[1] ?? '',
    subject: message.replace(/\n.*/s, ''),
  };
}

/** Whether a commit has this tree and only this parent: the same proposal, made at another time. */
export function isSameCommit(commit: CommitObject, tree: string, parent: string): boolean {
  return commit.tree === tree && commit.parents.length === 1 && commit.parents[0] === parent;
}
