import { onTestFinished } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';
import { startMemoryRegistry } from './memory-registry.ts';

/** What the emulators of tests take for their own methods; Google's take any token. */
export const SECRET = 'any';

/** The real time of the tests' emulators, which stands still. */
export const NOON = '2026-03-01T12:00:00.000Z';

export const PARENT = 'projects/ci-images/locations/europe-west4';
export const REPOSITORY = `${PARENT}/repositories/images`;
/** An image of the repository, in the registry. */
export const PATH = 'ci-images/images/debian-12';

/** A response of the emulator. Its body is JSON, whatever the status. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export type StartedApi = Awaited<ReturnType<typeof startApi>>;

/** An emulator of the running test's own, before a registry that is in memory. */
export async function startApi() {
  const registry = await startMemoryRegistry();
  onTestFinished(() => registry.close());
  const options = {
    registry: registry.address,
    folder: temporaryFolder(),
    clock: () => Date.parse(NOON),
    secret: SECRET,
  };
  let api = await startGoogleApi(options);
  onTestFinished(() => api.close());
  return {
    registry,
    get api() {
      return api;
    },
    /** Pushes an image to `PATH`; returns its digest. */
    push: (label: string, ...tags: string[]) => registry.push(PATH, label, ...tags),
    /** Sends a request: `POST`, `v1/projects/...`. */
    call: (method: string, path: string, body?: unknown) =>
      callApi(api.address, method, path, body),
    /** Ends the emulator and starts it again on the same folder. */
    restart: async () => {
      await api.close();
      api = await startGoogleApi(options);
    },
  };
}

/** Sends one request, with a token as every client of Google has one. */
export async function callApi(
  address: string,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<ApiResponse> {
  const response = await fetch(`http://${address}/${path}`, {
    method,
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** An error in Google's shape, for `toMatchObject`. */
export function apiError(code: number, status: string, message?: unknown) {
  const error = message === undefined ? { code, status } : { code, status, message };
  return { status: code, body: { error } };
}

export const INVALID = apiError(400, 'INVALID_ARGUMENT');
export const MISSING = apiError(404, 'NOT_FOUND');

/** Creates the repository that the tests use. */
export async function createRepository({ call }: StartedApi, body: object = {}): Promise<void> {
  const path = `v1/${PARENT}/repositories?repository_id=images&alt=json`;
  const { status, body: response } = await call('POST', path, { format: 'DOCKER', ...body });
  if (status !== 200) throw new Error(JSON.stringify(response));
}

/** An emulator with the repository that the tests use. */
export async function startWithRepository(body: object = {}): Promise<StartedApi> {
  const api = await startApi();
  await createRepository(api, body);
  return api;
}

/** Moves the emulator's clock on. */
export async function advance({ call }: StartedApi, seconds: number): Promise<void> {
  await call('PUT', 'emulator/v1/clock', { advance: `${seconds}s` });
}
