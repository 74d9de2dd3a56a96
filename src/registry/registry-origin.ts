import type { Registry } from '../image-reference.ts';
import { isLoopback } from '../url.ts';
import { RegistryError } from './registry-error.ts';

/** Docker Hub's names, which all mean one registry, and the host that serves it. */
const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const DOCKER_HUB_HOST = 'registry-1.docker.io';

/** True for any of the names of Docker Hub. */
export function isDockerHub(registry: string): boolean {
  return DOCKER_HUB.has(registry);
}

/** The URL of a registry: plain http on loopback only, as Docker does by default. */
export function registryOrigin(registry: Registry): URL {
  if (isDockerHub(registry)) return new URL(`https://${DOCKER_HUB_HOST}`);
  const origin = URL.parse(`https://${registry}`);
  if (origin === null) {
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `${registry} is not the address of a host`,
      'set the registry as host or host:port, with a port up to 65535',
    );
  }
  // A changed protocol would keep the port "443" hidden, so the URL is made anew.
  return isLoopback(origin.hostname) ? new URL(`http://${registry}`) : origin;
}
