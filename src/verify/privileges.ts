import type { Environment } from '../environment.ts';
import { VerifyError } from './verify-error.ts';

/** Variables of a run that has an identity, of a pipeline or of a key, or an account or a token that may write. */
const IDENTITIES = [
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'DOCKER_AUTH_CONFIG',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CREDENTIALS',
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'GOOGLE_WORKLOAD_IDENTITY_PROVIDER',
  'IMAGES_PUSH_TOKEN',
  'IMAGES_SIGNING_PASSPHRASE',
  'PULUMI_ACCESS_TOKEN',
  'REGISTRY_TOKEN',
  'SIGSTORE_ID_TOKEN',
];

/** Whether a run has an identity that a program which takes over the machine could use. */
export function hasIdentity(env: Environment): boolean {
  return IDENTITIES.some((name) => (env[name] ?? '') !== '');
}

/**
 * The build of an image has run the same programs, in containers without rights. A privileged container is another
 * matter: it can read the memory and the files of whatever runs on the machine.
 */
export function privilegedRefused(): VerifyError {
  const problem = 'its verification is privileged, and this run has an identity that it could take';
  const remedy =
    'declare `verify` commands that need no privileges and `verifyPrivileged: false`, or leave the setting `verify` off and verify it in a job without identity';
  return new VerifyError('PRIVILEGED_REFUSED', problem, remedy);
}
