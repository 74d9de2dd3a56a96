import { text } from 'node:stream/consumers';
import { googleAccessToken, TOKEN_USER } from '../../src/google/google-access-token.ts';
import { impersonate } from '../../src/google/impersonate.ts';
import type { Registry } from '../../src/image-reference.ts';
import { messageOf } from '../../src/problem.ts';
import { IDENTITY_TOKEN_USER } from '../../src/registry/credential-helper.ts';
import {
  credentialsFor,
  dockerKey,
  DOCKER_HUB_KEY,
  type Credentials,
} from '../../src/registry/credentials.ts';

/** The text by which Docker recognises that a helper has no account. */
const NOT_FOUND = 'credentials not found in native keychain';

/**
 * The account for a server in a pipeline: for the stack's registry, which is in IMAGES_REGISTRY, the access
 * token of GOOGLE_PUSHER or else of whoever runs the pipeline, or, where it is not Google's, REGISTRY_TOKEN; for any
 * other, and without that token, what the Docker configuration of the user says, whose folder is in IMAGES_DOCKER_CONFIG.
 * Throws a RegistryError.
 */
async function credentialFor(server: string, env: NodeJS.ProcessEnv) {
  const isOwn = server === dockerKey((env['IMAGES_REGISTRY'] ?? '') as Registry);
  if (isOwn && env['IMAGES_REGISTRY_LOGIN'] === 'own') {
    const { REGISTRY_USERNAME: username = '', REGISTRY_TOKEN: token = '' } = env;
    if (username !== '' && token !== '') return { Username: username, Secret: token };
    if (username !== token)
      throw new Error('set both REGISTRY_USERNAME and REGISTRY_TOKEN, or none');
  } else if (isOwn) {
    const accessToken = await googleAccessToken({ setting: undefined, environment: env });
    const pusher = env['GOOGLE_PUSHER'] ?? '';
    const secret = pusher === '' ? accessToken : await impersonate(pusher, accessToken);
    return { Username: TOKEN_USER, Secret: secret };
  }
  const registry = (server === DOCKER_HUB_KEY ? 'docker.io' : server) as Registry;
  const own = { ...env, DOCKER_CONFIG: env['IMAGES_DOCKER_CONFIG'] };
  return inProtocol(await credentialsFor(registry, own));
}

function inProtocol(account: Credentials | undefined) {
  if (account === undefined) return undefined;
  return 'identityToken' in account
    ? { Username: IDENTITY_TOKEN_USER, Secret: account.identityToken }
    : { Username: account.username, Secret: account.password };
}

/**
 * A credential helper of Docker (the protocol is that of docker/docker-credential-helpers): Docker and the docker
 * plug-in run it whenever they need an account, so that no token is kept anywhere and none gets too old. Returns
 * what is to be printed. Throws what Docker is to report, which is printed as well.
 */
async function respond(command: string | undefined): Promise<object> {
  if (command === 'list') return {};
  if (command !== 'get') throw new Error('the login of a pipeline can only be read');
  const server = (await text(process.stdin)).trim();
  const account = await credentialFor(server, process.env);
  if (account === undefined) throw new Error(NOT_FOUND);
  return { ServerURL: server, ...account };
}

try {
  console.log(JSON.stringify(await respond(process.argv[2])));
} catch (error) {
  console.log(messageOf(error));
  process.exitCode = 1;
}
