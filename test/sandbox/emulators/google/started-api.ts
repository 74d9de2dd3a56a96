import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  startGoogleApi,
  type GoogleApi,
} from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { startMemoryRegistry, type MemoryRegistry } from './memory-registry.ts';

/** The real time of the tests' emulators, which stands still. */
export const NOON = '2026-03-01T12:00:00.000Z';

export const PARENT = 'projects/ci-images/locations/europe-west4';
export const REPOSITORY = `${PARENT}/repositories/images`;

/** What was answered: the HTTP status and the JSON, which is there for every status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface StartedApi {
  readonly api: GoogleApi;
  readonly registry: MemoryRegistry;
  /** Calls a method as any client would: `POST`, `v1/projects/...`. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Ends the emulator and starts it again on the same folder. */
  readonly restart: () => Promise<void>;
}

/** An emulator of the running test's own, before a registry that is in memory. */
export async function startApi(): Promise<StartedApi> {
  const folder = mkdtempSync(join(tmpdir(), 'google-api-'));
  const registry = await startMemoryRegistry();
  const start = () =>
    startGoogleApi({ registry: registry.address, folder, clock: () => Date.parse(NOON) });
  let api = await start();
  onTestFinished(async () => {
    await api.close();
    await registry.close();
    rmSync(folder, { recursive: true });
  });
  return {
    get api() {
      return api;
    },
    registry,
    call: (method, path, body) => callApi(api.address, method, path, body),
    async restart() {
      await api.close();
      api = await start();
    },
  };
}

/** One call with a token, as every client of Google has one. */
export async function callApi(
  address: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`http://${address}/${path}`, {
    method,
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    ...(body !== undefined && {
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** An error in Google's shape, for `toMatchObject`. */
export function apiError(code: number, status: string, message?: unknown) {
  return {
    status: code,
    body: { error: { code, status, ...(message !== undefined && { message }) } },
  };
}

/** Creates the repository that the tests use. */
export async function createRepository({ call }: StartedApi, body: object = {}): Promise<void> {
  const path = `v1/${PARENT}/repositories?repository_id=images&alt=json`;
  const { status, body: response } = await call('POST', path, { format: 'DOCKER', ...body });
  if (status !== 200) throw new Error(JSON.stringify(response));
}

/** Moves the emulator's clock on. */
export async function advance({ call }: StartedApi, seconds: number): Promise<void> {
  await call('PUT', 'emulator/v1/clock', { advance: `${seconds}s` });
}
