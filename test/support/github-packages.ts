import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A version of a package, as the API has it. */
export interface PackageVersion {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
}

/** GitHub's packages API on loopback, for the packages of one organization or user. */
interface PlayedPackages {
  /** The URL of the API. */
  readonly url: string;
  /** `METHOD path` of every request. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

interface Played {
  readonly type: 'Organization' | 'User';
  readonly token: string;
  /** Of a package by its name below the owner. */
  readonly versions: (name: string) => Promise<readonly PackageVersion[]>;
  /** Returns a refusal, or nothing where it has deleted the version. */
  readonly remove: (name: string, version: PackageVersion) => Promise<string | undefined>;
}

const BODY = { 'content-type': 'application/json' };

export async function startPackages(owner: string, played: Played): Promise<PlayedPackages> {
  const seen: string[] = [];
  const kind = played.type === 'Organization' ? 'orgs' : 'users';
  const packages = new RegExp(
    `^/${kind}/${owner}/packages/container/([^/]+)/versions(?:/(\\d+))?$`,
  );

  async function answer(method: string, url: URL): Promise<[status: number, body?: unknown]> {
    if (url.pathname === `/users/${owner}`) return [200, { login: owner, type: played.type }];
    const [, encoded, id] = packages.exec(url.pathname) ?? [];
    if (encoded === undefined) return [404, { message: 'Not Found' }];
    const name = decodeURIComponent(encoded);
    const all = await played.versions(name);
    if (method === 'GET') {
      const count = Number(url.searchParams.get('per_page') ?? 30);
      const start = (Number(url.searchParams.get('page') ?? 1) - 1) * count;
      const page = all.slice(start, start + count);
      const metadataOf = (tags: readonly string[]) => ({
        package_type: 'container',
        container: { tags },
      });
      return [200, page.map(({ tags, ...rest }) => ({ ...rest, metadata: metadataOf(tags) }))];
    }
    const version = all.find((each) => String(each.id) === id);
    if (version === undefined || method !== 'DELETE') return [404, { message: 'Not Found' }];
    const refusal = await played.remove(name, version);
    return refusal === undefined ? [204] : [400, { message: refusal }];
  }

  const server = createServer((request, response) => {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', 'http://api.test');
    seen.push(`${method} ${url.pathname}`);
    const isKnown = headers.authorization === `Bearer ${played.token}`;
    const answered = isKnown
      ? answer(method, url)
      : Promise.resolve([401, { message: 'Bad' }] as const);
    void answered.then(([status, body]) => {
      response.writeHead(status, BODY).end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
