import type { Environment } from './environment.ts';

/** Variables by which Docker's clients and the docker plug-in find a Docker Engine and its certificates. */
const ADDRESS_VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CA_MATERIAL',
  'DOCKER_CERT_MATERIAL',
  'DOCKER_KEY_MATERIAL',
];

const ASIDE = 'IMAGES_';

/** Which of them are set. */
export function addressVariables(env: Environment): readonly string[] {
  return ADDRESS_VARIABLES.filter((name) => (env[name] ?? '') !== '');
}

/**
 * An environment that leads to no Docker Engine: the docker plug-in would take its address for that of a builder. The
 * variables keep their values under other names, for commands on this machine's own Docker Engine.
 */
export function withoutDockerAddress(env: Environment): Environment {
  const changed: Record<string, string | undefined> = { ...env };
  for (const name of ADDRESS_VARIABLES) {
    if ((env[name] ?? '') !== '') changed[`${ASIDE}${name}`] = env[name];
    changed[name] = undefined;
  }
  return changed;
}

/** The environment before `withoutDockerAddress`. */
export function withDockerAddress(env: Environment): Environment {
  const changed: Record<string, string | undefined> = { ...env };
  for (const name of ADDRESS_VARIABLES) {
    const aside = `${ASIDE}${name}`;
    if (env[aside] !== undefined) changed[name] = env[aside];
    changed[aside] = undefined;
  }
  return changed;
}
