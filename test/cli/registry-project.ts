import { afterEach, beforeEach, vi } from 'vitest';
import { git } from '../git/git-repository.ts';
import {
  createRepository,
  NOON,
  startApi,
  type StartedApi,
} from '../sandbox/emulators/google/started-api.ts';
import { repository, RETENTION } from './checkout-fixture.ts';

/** The path of its repository in the API. */
export const REPOSITORY = 'v1/projects/ci-images/locations/europe-west4/repositories/images';

/** For each test of a file, now is when the emulators' time begins: a forecast looks ahead from now. */
export function startAtNoon(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date(NOON), toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Where the emulator has the image debian-12. */
export const PATH = 'ci-images/images/debian-12';

export const WHOLE = `${RETENTION.replace('keepNewest: 5', 'keepNewest: 1').replace('sources: []\n', '')}sources:
  - name: ci
    repository: .
    branches: { only: [main, release-1.0] }
    references:
      - files: [tests/*.yml]
        pattern: 'image: (?<image>[a-z0-9-]+)(?::(?<tag>[a-z0-9]+))?'
`;

/** A checkout whose stack has its registry at the emulator, and whose main and release need `image`. */
export function project({ api, registry }: StartedApi, image: string): string {
  const settings = {
    'gcp:project': 'ci-images',
    'gcp:region': 'europe-west4',
    'gcp:accessToken': 'any',
    'gcp:artifactRegistryCustomEndpoint': `http://${api.address}/v1/`,
    'kubernetes-ci-images:registry': registry.address,
    'kubernetes-ci-images:repositoryId': 'images',
  };
  const root = repository({
    'Pulumi.prod.yaml': JSON.stringify({ config: settings }),
    'config/retention.yml': WHOLE,
    'tests/a.yml': `image: ${image}\n`,
  });
  git(root, ['branch', 'release-1.0']);
  return root;
}

/** A registry with its repository, and a project that needs `image`. */
export async function started(image = 'debian-12:v1', more: Record<string, unknown> = {}) {
  const api = await startApi();
  await createRepository(api, more);
  return { api, root: project(api, image), push: api.registry.push.bind(api.registry, PATH) };
}
