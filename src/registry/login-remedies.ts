import type { ResponseRemedy } from '../http/response-remedy.ts';
import type { Registry } from '../image-reference.ts';
import { variableProblem } from './auth-config-variable.ts';
import { parseChallenges } from './challenges.ts';
import { dockerKey, type Credentials } from './credentials.ts';

/** Who a registry has refused. */
export interface Visitor {
  readonly registry: Registry;
  readonly credentials: Credentials | undefined;
}

const LOG_IN = 'log in with `gcloud auth configure-docker` or `docker login`';

/** What to do about a repository that is hidden from an account which the registry accepts. */
export const HIDDEN_FROM_ACCOUNT =
  'the repository is not there, or this account may not have it: check its name, or grant the account what it lacks';

/** Why a repository stays hidden: registries answer 401 or 403 for one that is not there, too. */
function hidden({ registry, credentials }: Visitor): string {
  return credentials === undefined
    ? `the repository is not there, or needs a login: check its name, or ${logIn(registry)}`
    : HIDDEN_FROM_ACCOUNT;
}

function logIn(registry: Registry): string {
  const problem = variableProblem(dockerKey(registry), process.env);
  if (problem === undefined) return LOG_IN;
  return `correct DOCKER_AUTH_CONFIG, which Docker passes over: ${problem}`;
}

const ANEW = `the registry does not accept this account: ${LOG_IN} anew`;

/** What to do about a registry's 401, which demands a login by `challenge`, and about its 403. */
export function registryRefusals(visitor: Visitor, challenge: string): readonly ResponseRemedy[] {
  return [
    { status: /401/, remedy: unauthorized(visitor, challenge) },
    { status: /403/, remedy: hidden(visitor) },
  ];
}

function unauthorized(visitor: Visitor, challenge: string): string {
  const schemes = parseChallenges(challenge).map(({ scheme }) => scheme);
  if (schemes.length === 0) {
    return 'the registry does not say how to log in: check that its address is right, or tell its operator';
  }
  if (schemes.includes('bearer')) return hidden(visitor);
  if (!schemes.includes('basic')) {
    const wanted = schemes.join(', ');
    return `the registry wants a login by ${wanted}: have its operator offer Basic or Bearer as well`;
  }
  const { credentials, registry } = visitor;
  if (credentials === undefined) return logIn(registry);
  if ('password' in credentials) return ANEW;
  return 'log in with a user name and a password: the registry takes no identity token';
}

/** What to do about a refusal of the token service of a registry. */
export function tokenRefusals(visitor: Visitor): readonly ResponseRemedy[] {
  const { credentials } = visitor;
  // OAuth 2 answers 400 for a refresh token that has ended.
  const isIdentity = credentials !== undefined && 'identityToken' in credentials;
  return [
    {
      status: isIdentity ? /40[01]/ : /401/,
      remedy: credentials === undefined ? hidden(visitor) : ANEW,
    },
    { status: /403/, remedy: hidden(visitor) },
  ];
}
