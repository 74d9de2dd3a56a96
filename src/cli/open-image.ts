import { publications, type HeldImage } from './find-version.ts';
import { listVersions } from './list-versions.ts';
import { requireSettings } from './read-stack.ts';
import { workingTree } from '../git/working-tree.ts';
import { parseRepository, type Repository } from '../image-reference.ts';
import { inputError } from '../problem.ts';
import { readOwners } from '../registry/read-owners.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/** An image in the stack's registry, and how to read it. */
export interface OpenImage extends HeldImage {
  readonly client: RegistryClient;
  readonly repository: Repository;
}

/**
 * Lists the versions of an image in the registry, which need not be in the catalog any more. Throws an
 * InvalidInputError (UNKNOWN_IMAGE) or a RegistryError.
 */
export async function openImage(root: string, stack: string, name: string): Promise<OpenImage> {
  const tree = workingTree(root);
  const settings = requireSettings(tree, stack);
  const { sources } = loadRetention(tree, settings.retentionFile);
  const { client, versions } = await listVersions(tree, stack, settings, [name]);
  const { repositoryPrefix } = settings;
  const repository = parseRepository(`${repositoryPrefix}/${name}`);
  const own = versions.filter(({ packageName }) => packageName === name);
  if (repository !== undefined) {
    const held = { name, sources, versions: await readOwners(own, repository, client) };
    if (publications(held).length > 0) return { ...held, client, repository };
  }
  const isPlain = settings.destination.kind === 'plain';
  const listed = isPlain
    ? ((await client.listBelow(repositoryPrefix)) ?? [])
    : versions.map(({ packageName }) => packageName);
  const names = [...new Set(listed)].sort();
  const others =
    names.length === 0
      ? 'run pulumi up, which publishes the catalog'
      : `it has ${names.join(', ')}`;
  const problem = `the registry has no image ${quote(name)}`;
  throw inputError('UNKNOWN_IMAGE', problem, didYouMean(closest(name, names), others));
}

/** The arguments that `findVersion` takes, for help texts. */
export const VERSION_KINDS = 'a tag, a digest, a supported branch or a date';
