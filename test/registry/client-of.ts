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
import { known, rejection } from '../support/fixtures.ts';
import {
  scriptedServer,
  type Asked,
  type Line,
  type Reply,
  type ScriptedServer,
} from './scripted-server.ts';

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
/** A registry with these lines, a client of it, and the first request of that: for the manifest of `TAG`. */
export async function registryWith(
  line: Line | [Line, ...Line[]],
  options: Partial<SessionOptions> = {},
) {
  const script: [Line, ...Line[]] = Array.isArray(line) ? line : [line];
  const server = await scriptedServer(...script);
  const { client, waits } = clientOf(server, options);
  return { ...server, client, waits, get: () => client.getManifest(REPOSITORY, TAG) };
}

/** Wants a login by Basic before it says a line. */
export const wantsLogin =
  (line: (request: Asked) => Reply): Line =>
  (request) =>
    request.headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
      : line(request);

/** The RegistryError that a promise must fail with. */
export function failureOf(promise: Promise<unknown>): Promise<RegistryError> {
  return rejection(promise, RegistryError);
}
