import { expect } from 'vitest';
import {
  parseRepository,
  parseTag,
  type Digest,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import type { SessionOptions } from '../../src/registry/registry-session.ts';
import type { ScriptedServer } from './scripted-server.ts';

export const REPOSITORY: Repository = known(parseRepository('ci/debian-12'));
export const TAG: Tag = known(parseTag('12-abc'));
export const MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const BYTES = new TextEncoder().encode('{"schemaVersion":2}');
export const DIGEST: Digest = digestOf(BYTES);
export const OTHER_DIGEST: Digest = digestOf(new TextEncoder().encode('something else'));

/** What a good registry says about the manifest of `BYTES`. */
export const FOUND = {
  status: 200,
  headers: {
    'content-type': MEDIA_TYPE,
    'content-length': String(BYTES.byteLength),
    'docker-content-digest': DIGEST,
  },
  body: BYTES,
};

/** A client whose waits take no time and are written down, in milliseconds. */
export function clientOf(
  { registry }: Pick<ScriptedServer, 'registry'>,
  options: Partial<SessionOptions> = {},
) {
  const waits: number[] = [];
  const client = registryClient({
    registry,
    credentials: undefined,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    ...options,
  });
  return { client, waits };
}

/** The RegistryError that a promise must fail with. */
export async function failureOf(promise: Promise<unknown>): Promise<RegistryError> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(RegistryError);
  return failure as RegistryError;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a fixture does not parse');
  return value;
}
