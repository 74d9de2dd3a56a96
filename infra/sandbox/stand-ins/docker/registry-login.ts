import type { Log } from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import type { Login } from './docker-config.ts';
import type { ImageInputs } from './image-inputs.ts';

const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/**
 * The login that the program gives for the registry of an image, or `undefined` when Docker's own
 * configuration has to do: without a user name and password, or with only one of them, which is
 * worth a warning.
 */
export function registryLogin(inputs: ImageInputs, log: Log): Login | undefined {
  const { server, username = '', password = '' } = inputs.registry;
  if (username === '' || password === '') {
    if (username !== password) {
      const absent = username === '' ? 'user name' : 'password';
      log('warning', `registry has no ${absent}: using the credentials of Docker's configuration`);
    }
    return undefined;
  }
  const host = hostOf(server) ?? parseImageReference(inputs.imageName)?.registry;
  if (host === undefined) return undefined;
  // The key under which the docker command has always looked for Docker Hub's credentials.
  const key = DOCKER_HUB.includes(host) ? 'https://index.docker.io/v1/' : host;
  return { server: key, username, password };
}

function hostOf(server: string | undefined): string | undefined {
  const host = server?.replace(/^https?:\/\//, '').split('/')[0];
  return host === '' ? undefined : host;
}
