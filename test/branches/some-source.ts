import { sourceOpener } from '../../src/git/open-source.ts';
import { findReferences } from '../../src/branches/find-references.ts';
import { parseSources } from '../../src/branches/parse-sources.ts';
import type { FoundReferences, Need } from '../../src/branches/references.ts';
import type { Source } from '../../src/branches/source.ts';
import type { Problem } from '../../src/problem.ts';
import { gitRepository, type GitFiles } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { FILE, problemsIn, tag } from '../retention/retention-fixture.ts';

/** Kubespray's ways to name images, as the retention file has them. */
export const CLOUD_IMAGES = {
  files: ['tests/files/*.yml', { glob: 'roles/**/molecule/**/molecule.yml', optional: true }],
  pattern: `cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`,
};
export const DIRECT = {
  files: ['.gitlab-ci.yml', '.gitlab-ci/*.yml'].map((glob) => ({ glob, optional: true })),
  pattern: 'quay\\.io/kubespray/(?<image>vm-[a-z0-9.-]+):(?<tag>\\w[\\w.-]*)',
};

/** A source as it is written, by default the branch `main` with Kubespray's key. Throws for a problem. */
export function someSource(repository: string, changes: Readonly<Record<string, unknown>> = {}) {
  const written = {
    name: 'kubespray',
    repository,
    branches: { default: 'main' },
    references: [CLOUD_IMAGES],
    ...changes,
  };
  const { sources, problems } = parseSources([written], { scalarAt: () => undefined });
  const [source] = sources;
  if (source === undefined) throw new Error(problems.map(({ problem }) => problem).join());
  return source;
}

/** A bare repository with these branches, each of these files. */
export function repositoryWith(branches: Readonly<Record<string, GitFiles>>): string {
  const repository = gitRepository();
  for (const [name, files] of Object.entries(branches)) repository.branch(name, files);
  return repository.root;
}

export function find(...sources: readonly Source[]): FoundReferences {
  const places = { checkout: temporaryFolder(), cache: temporaryFolder() };
  return findReferences({ sources, keepAliases: [tag('latest')] }, FILE, sourceOpener(places));
}

/** What keeps the references from being known; empty when they are. */
export function problemsWith(...sources: readonly Source[]): readonly Problem[] {
  return problemsIn(() => find(...sources));
}

/** `release-2.31 ubuntu-2404:tag file:1 file:2` */
export function briefly({ branch, image, tag: version, places }: Need): string {
  const where = places.map(({ file, line }) => `${file}:${line}`);
  return [branch.branch, version === undefined ? image : `${image}:${version}`, ...where].join(' ');
}
