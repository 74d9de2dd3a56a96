import { parseTag, type Registry } from '../image-reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { isDockerHub } from '../registry/registry-origin.ts';
import { githubPackages, packagesApi } from './github-packages.ts';
import { CleanUpError, type Remover } from './removal.ts';

/** How to delete from a registry. Throws a CleanUpError where that is known not to be possible. */
export function removerFor(
  registry: Registry,
  client: Pick<RegistryClient, 'deleteManifest' | 'headManifest' | 'deleteTag'>,
  env: NodeJS.ProcessEnv,
): Remover {
  const api = packagesApi(registry, env);
  if (api !== undefined) return githubPackages(api, env);
  if (isDockerHub(registry)) {
    throw unsupported('Docker Hub deletes by its own API only', 'delete there by hand');
  }
  if (/(?:^|[.-])(?:pkg\.dev|gcr\.io)$/.test(registry)) {
    throw unsupported(
      `${registry} has clean-up policies of its own`,
      'set destination to managed, or to borrowed where others own the repository',
    );
  }
  return {
    name: 'the OCI API',
    async remove(path, { digest, tags }) {
      const removal = await client.deleteManifest(path, digest);
      if (removal === 'unsupported') {
        throw unsupported(
          `${registry} does not delete by digest`,
          'have its operator allow it (storage.delete.enabled of distribution), or let rules of the registry itself clean up',
        );
      }
      // The tags go with the digest (OCI distribution spec, "Deleting Manifests"), but for go-containerregistry's.
      for (const tag of tags.map(parseTag)) {
        if (tag === undefined) continue;
        const named = await client.headManifest(path, tag);
        if (named?.digest === digest) await client.deleteTag(path, tag);
      }
      return removal;
    },
  };
}

function unsupported(problem: string, remedy: string): CleanUpError {
  return new CleanUpError('CLEAN_UP_UNSUPPORTED', problem, remedy);
}
