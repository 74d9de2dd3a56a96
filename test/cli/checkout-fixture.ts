import { readFileSync } from 'node:fs';
import { APT, CHECKOUT as FIXTURE } from '../catalog/checkout.ts';
import { git, writeFiles } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

export const BASE = `docker.io/library/debian:12@sha256:${'a'.repeat(64)}`;

/** One image in the catalog's list, without a name. */
export const ENTRY = `  - distribution: debian
    version: '12'
    base: ${BASE}
    context: ctx
    platform: linux/amd64
`;

export const CATALOG = `images:\n${ENTRY}`;

export const RETENTION =
  'dryRun: true\nwindow: 90d\nkeepNewest: 5\nuntaggedAfter: 14d\ngracePeriod: 30d\nsources: []\n';

const CHECKOUT = {
  'Pulumi.yaml': readFileSync('Pulumi.yaml', 'utf8'),
  'Pulumi.prod.yaml': stackFile('registry.test'),
  'Pulumi.other.yaml': stackFile('other.test'),
  'config/retention.yml': RETENTION,
  'config/images.yml': CATALOG,
  'ctx/Dockerfile': FIXTURE[APT] ?? '',
};

/** A checkout of its own with one image, and `files` in place of its own ones; returns its root. */
export function checkout(files: Record<string, string>): string {
  const root = temporaryFolder();
  writeFiles(root, { ...CHECKOUT, ...files });
  return root;
}

/** The same, committed on `main` of a repository of its own. */
export function repository(files: Record<string, string> = {}): string {
  const root = checkout(files);
  git(root, ['init', '--quiet', '--initial-branch=main']);
  commitAll(root, 'x');
  return root;
}

/** Commits all files of a checkout as a person. */
export function commitAll(root: string, message: string): void {
  git(root, ['add', '--all']);
  git(root, ['commit', '--quiet', `--message=${message}`]);
}

export function stackFile(registry: string): string {
  return `config:
  gcp:project: some-project
  gcp:region: europe-west4
  kubernetes-ci-images:registry: ${registry}
  kubernetes-ci-images:repositoryId: images
`;
}
