import { expect, test } from 'vitest';
import { parseRegistry } from '../../src/image-reference.ts';
import { registryOrigin } from '../../src/registry/registry-origin.ts';
import { isTokenService } from '../../src/registry/authorization.ts';
import { known } from '../support/fixtures.ts';

const OTHERS = 'registry.test=https://auth.test/token harbor.test:8443=https://login.test/t';

test.each([
  // What these registries name.
  ['docker.io', 'https://auth.docker.io/token', true],
  ['ghcr.io', 'https://ghcr.io/token', true],
  ['quay.io', 'https://quay.io/v2/auth', true],
  ['us-central1-docker.pkg.dev', 'https://us-central1-docker.pkg.dev/v2/token', true],
  ['gcr.io', 'https://gcr.io/v2/token', true],
  ['registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
  ['gitlab.test:5050', 'https://gitlab.test/jwt/auth', true],
  ['harbor.test:8443', 'https://harbor.test:8443/service/token', true],
  // What the environment adds, for one registry and one address.
  ['registry.test', 'https://auth.test/token?account=ci', true],
  ['registry.test', 'https://auth.test/token/other', false],
  ['registry.test', 'https://auth.test:444/token', false],
  ['other.test', 'https://auth.test/token', false],
  ['harbor.test', 'https://login.test/t', false],

  ['docker.io', 'https://auth.docker.io.evil.test/token', false],
  ['docker.io', 'https://auth.docker.io:8443/token', false],
  ['ghcr.io', 'https://auth.docker.io/token', false],
  ['quay.io', 'https://evil.test/v2/auth', false],
  ['europe-docker.pkg.dev', 'https://us-docker.pkg.dev/v2/token', false],
  ['registry.gitlab.com', 'https://gitlab.com/someone/pages', false],
  ['registry.gitlab.com', 'https://evil.test/jwt/auth', false],
  ['gitlab.test:5050', 'https://gitlab.test:6060/jwt/auth', false],
  ['harbor.test:8443', 'https://harbor.test/service/token', false],
  ['harbor.test', 'http://harbor.test/service/token', false],
])('%s sends its accounts to %s: %s', (registry, realm, expected) => {
  const origin = registryOrigin(known(parseRegistry(registry)));
  expect(isTokenService(new URL(realm), origin, OTHERS)).toBe(expected);
});
