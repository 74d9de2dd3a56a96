import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { digestOf } from '../../../../src/registry/manifest.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A registry without storage, with the manners of distribution 2.8: it deletes by digest only. */
export interface MemoryRegistry {
  readonly address: string;
  /** Pushes an image whose digest is that of `label`; returns the digest. */
  push(path: string, label: string, ...tags: string[]): string;
  /** Pushes an index of what is there already. */
  pushIndex(path: string, children: readonly string[], ...tags: string[]): string;
  /** `path@digest` of every manifest there is. */
  held(): string[];
  tags(path: string): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export async function startMemoryRegistry(): Promise<MemoryRegistry> {
  const manifests = new Map<string, Map<string, Stored>>();
  const tags = new Map<string, Map<string, string>>();
  const at = <T>(map: Map<string, Map<string, T>>, path: string) => {
    const found = map.get(path) ?? new Map<string, T>();
    map.set(path, found);
    return found;
  };

  function put(path: string, reference: string, mediaType: string, bytes: Buffer): string {
    const digest = digestOf(bytes);
    at(manifests, path).set(digest, { mediaType, bytes });
    if (reference !== digest) at(tags, path).set(reference, digest);
    return digest;
  }

  function remove(path: string, digest: string): number {
    if (!digest.startsWith('sha256:')) return 405;
    for (const [tag, target] of at(tags, path)) if (target === digest) at(tags, path).delete(tag);
    return at(manifests, path).delete(digest) ? 202 : 404;
  }

  function push(path: string, content: object, mediaType: string, names: readonly string[]) {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    for (const name of [digest, ...names]) put(path, name, mediaType, bytes);
    return digest;
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, path = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|tags)\/(.+)$/.exec(pathname) ?? [];
    const json = (body: object) => response.end(JSON.stringify(body));
    if (pathname === '/v2/_catalog') return json({ repositories: [...manifests.keys()] });
    if (kind === 'tags') return json({ name: path, tags: [...at(tags, path).keys()] });
    const digest = at(tags, path).get(reference) ?? reference;
    const found = at(manifests, path).get(digest);
    if (request.method === 'DELETE') {
      response.statusCode = remove(path, reference);
      return response.end();
    }
    if (request.method === 'PUT') {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      return request.on('end', () => {
        const type = request.headers['content-type'] ?? '';
        const stored = put(path, reference, type, Buffer.concat(pieces));
        response.writeHead(201, { 'docker-content-digest': stored }).end();
      });
    }
    if (kind !== 'manifests' || found === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': found.mediaType,
      'content-length': found.bytes.byteLength,
      'docker-content-digest': digest,
    });
    return response.end(request.method === 'HEAD' ? undefined : found.bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    push: (path, label, ...names) =>
      push(path, { schemaVersion: 2, label, layers: [{ digest: '', size: 7 }] }, MANIFEST, names),
    pushIndex: (path, children, ...names) =>
      push(path, { manifests: children.map((digest) => ({ digest })) }, INDEX, names),
    held: () =>
      [...manifests].flatMap(([path, all]) => [...all.keys()].map((digest) => `${path}@${digest}`)),
    tags: (path) => Object.fromEntries(at(tags, path)),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
