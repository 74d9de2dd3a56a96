import { buffer } from 'node:stream/consumers';
import { startLoopbackServer } from '../../../../infra/sandbox/emulators/loopback-server.ts';
import { digestOf } from '../../../../src/registry/manifest.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A registry without storage, with the manners of distribution 2.8: it deletes by digest only. */
export async function startMemoryRegistry() {
  const manifests = new Map<string, Map<string, Stored>>();
  const tags = new Map<string, Map<string, string>>();
  const blobs = new Map<string, Buffer>();
  const at = <T>(map: Map<string, Map<string, T>>, path: string) => {
    const found = map.get(path) ?? new Map<string, T>();
    map.set(path, found);
    return found;
  };

  function put(path: string, reference: string, stored: Stored): string {
    const digest = digestOf(stored.bytes);
    at(manifests, path).set(digest, stored);
    if (reference !== digest) at(tags, path).set(reference, digest);
    return digest;
  }

  function remove(path: string, digest: string): number {
    if (!digest.startsWith('sha256:')) return 405;
    for (const [tag, target] of at(tags, path)) if (target === digest) at(tags, path).delete(tag);
    return at(manifests, path).delete(digest) ? 202 : 404;
  }

  function push(path: string, content: object, mediaType: string, names: readonly string[]) {
    const stored = { mediaType, bytes: Buffer.from(JSON.stringify(content)) };
    const digest = digestOf(stored.bytes);
    for (const name of [digest, ...names]) put(path, name, stored);
    return digest;
  }

  const server = await startLoopbackServer(0, async (request, response) => {
    const { method, url = '/', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    // All repositories share the blobs; an upload is one POST and one PUT.
    if (pathname.includes('/blobs/')) {
      if (method === 'POST') return response.writeHead(202, { location: pathname }).end();
      const digest = searchParams.get('digest') ?? pathname.split('/').at(-1) ?? '';
      if (method === 'PUT') blobs.set(digest, await buffer(request));
      const bytes = blobs.get(digest);
      if (method === 'PUT') return response.writeHead(201).end();
      return response
        .writeHead(bytes === undefined ? 404 : 200)
        .end(method === 'HEAD' ? '' : bytes);
    }
    const [, path = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|tags)\/(.+)$/.exec(pathname) ?? [];
    const json = (body: object) => response.end(JSON.stringify(body));
    if (pathname === '/v2/_catalog') return json({ repositories: [...manifests.keys()] });
    if (kind === 'tags') return json({ name: path, tags: [...at(tags, path).keys()] });
    if (method === 'DELETE') return response.writeHead(remove(path, reference)).end();
    if (method === 'PUT') {
      const stored = { mediaType: headers['content-type'] ?? '', bytes: await buffer(request) };
      const digest = put(path, reference, stored);
      return response.writeHead(201, { 'docker-content-digest': digest }).end();
    }
    const digest = at(tags, path).get(reference) ?? reference;
    const found = at(manifests, path).get(digest);
    if (kind !== 'manifests' || found === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': found.mediaType,
      'content-length': found.bytes.byteLength,
      'docker-content-digest': digest,
    });
    return response.end(method === 'HEAD' ? undefined : found.bytes);
  });
  return {
    ...server,
    /** Pushes an image whose digest is that of `label`; returns the digest. */
    push: (path: string, label: string, ...names: string[]) =>
      push(path, { schemaVersion: 2, label, layers: [{ digest: '', size: 7 }] }, MANIFEST, names),
    /** Pushes what belongs to another manifest, such as its signature. */
    pushAbout: (path: string, subject: string, label: string, ...names: string[]) =>
      push(path, { label, subject: { digest: subject }, config: { digest: '' } }, MANIFEST, names),
    /** Pushes an index of what is there already. */
    pushIndex: (path: string, children: readonly string[], ...names: string[]) =>
      push(path, { manifests: children.map((digest) => ({ digest })) }, INDEX, names),
    /** `path@digest` of every manifest there is. */
    held: () =>
      [...manifests].flatMap(([path, all]) => [...all.keys()].map((digest) => `${path}@${digest}`)),
  };
}
