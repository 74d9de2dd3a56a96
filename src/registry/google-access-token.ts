import type { Environment } from '../environment.ts';
import { spawnSync } from 'node:child_process';
import { RegistryError } from './registry-error.ts';

/** What an access token may come from, and how `gcloud` is asked: without it, `undefined`. */
export interface TokenSources {
  readonly setting: string | undefined;
  readonly environment: Environment;
  readonly askGcloud?: () => string | undefined;
}

/**
 * The access token to ask Google with: the stack's `gcp:accessToken`, else the one in
 * `GOOGLE_OAUTH_ACCESS_TOKEN`, which the gcp plug-in takes too, else that of whoever is logged in to
 * `gcloud`. Throws `REGISTRY_UNAUTHORIZED` when there is none.
 */
export function googleAccessToken({
  setting,
  environment,
  askGcloud = tokenOfGcloud,
}: TokenSources): string {
  const given = [setting, environment['GOOGLE_OAUTH_ACCESS_TOKEN']].find(Boolean);
  const token = given ?? askGcloud();
  if (token !== undefined && token !== '') return token;
  throw new RegistryError(
    'REGISTRY_UNAUTHORIZED',
    'there is no Google access token to read the registry with',
    'log in with `gcloud auth login`, or set GOOGLE_OAUTH_ACCESS_TOKEN',
  );
}

function tokenOfGcloud(): string | undefined {
  const { status, stdout } = spawnSync('gcloud', ['auth', 'print-access-token'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}
