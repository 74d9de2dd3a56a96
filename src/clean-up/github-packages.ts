import { z } from 'zod';
import type { Registry, Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { registryRequest, responseError } from '../registry/registry-request.ts';
import type { Responder } from '../registry/responder.ts';
import { isSecureAddress } from '../url.ts';
import { CleanUpError, type Remover } from './removal.ts';

/** The variable that names further registries of GitHub, as `registry=URL` of the API, with blanks between. */
const PACKAGES = 'IMAGES_GITHUB_PACKAGES';
const PER_PAGE = 100;
const MOST_PAGES = 1000;
const LARGEST = 5_000_000;

/** The URL of the API that deletes from a registry, without a slash at its end; `undefined` for another registry. */
export function packagesApi(registry: Registry, env: NodeJS.ProcessEnv): string | undefined {
  for (const entry of (env[PACKAGES] ?? '').split(/\s+/)) {
    const [name, ...rest] = entry.split('=');
    const url = rest.join('=').replace(/\/+$/, '');
    if (name !== registry) continue;
    if (isSecureAddress(url)) return url;
    const problem = `${PACKAGES} names no https address for ${registry}, and a token is sent there`;
    throw new RegistryError('REGISTRY_UNSAFE', problem, 'write it like https://api.github.com');
  }
  return registry === 'ghcr.io' ? 'https://api.github.com' : undefined;
}

const Version = z.object({
  id: z.number().int(),
  name: z.string(),
  metadata: z.object({ container: z.object({ tags: z.array(z.string()) }) }),
});
const Account = z.object({ type: z.string() });

const GITHUB: Responder = {
  name: 'GitHub',
  messageOf: (body) => z.object({ message: z.string() }).safeParse(body).data?.message,
  remedies: [
    {
      status: /401/,
      remedy: 'set IMAGES_PACKAGES_TOKEN, REGISTRY_TOKEN or GITHUB_TOKEN to a token that is valid',
    },
    {
      status: /400/,
      says: /last tagged version|5,?000 downloads/i,
      remedy: 'GitHub deletes no such version: keep it by a line in allow of the retention file',
    },
    {
      status: /403|404/,
      remedy:
        'give the token read:packages and delete:packages, or the repository of the workflow the role Admin at the package',
    },
    { status: /429|5../, remedy: 'try again later' },
    { status: /./, remedy: 'see what it says there' },
  ],
};

/**
 * Deletes by GitHub's packages API (REST, version 2022-11-28): ghcr.io deletes nothing by the OCI API. Throws a
 * RegistryError for every response that is not expected.
 */
export function githubPackages(api: string, env: NodeJS.ProcessEnv): Remover {
  const { IMAGES_PACKAGES_TOKEN: own, REGISTRY_TOKEN: ofRegistry, GITHUB_TOKEN: shared } = env;
  const token = [own, ofRegistry, shared].find((text) => text !== undefined && text !== '');
  if (token === undefined) {
    throw new CleanUpError(
      'CLEAN_UP_NO_TOKEN',
      'ghcr.io deletes by the API of GitHub, which takes a token',
      'set IMAGES_PACKAGES_TOKEN, REGISTRY_TOKEN or GITHUB_TOKEN to one with read:packages and delete:packages',
    );
  }

  async function send(path: string, purpose: string, method: 'GET' | 'DELETE' = 'GET') {
    const headers = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    };
    const authorization = `Bearer ${token}`;
    const url = new URL(`${api}/${path}`);
    const request = { method, url, headers, authorization, largestBody: LARGEST, purpose };
    return registryRequest(request, {});
  }

  async function read<Value>(schema: z.ZodType<Value>, path: string, purpose: string) {
    const response = await send(path, purpose);
    if (response.status !== 200) throw responseError(purpose, response, [token ?? ''], GITHUB);
    const parsed = schema.safeParse(parseJson(response.bytes));
    if (parsed.success) return parsed.data;
    const problem = `could not ${purpose}: it answered something else`;
    throw new RegistryError('REGISTRY_ANSWER', problem, `check ${PACKAGES} and the address`);
  }

  const bases = new Map<string, Promise<string>>();
  function baseOf(path: Repository): Promise<string> {
    const [owner = '', ...name] = path.split('/');
    const known = bases.get(owner) ?? kindOf(owner);
    bases.set(owner, known);
    return known.then(
      (kind) => `${kind}/${owner}/packages/container/${encodeURIComponent(name.join('/'))}`,
    );
  }
  async function kindOf(owner: string): Promise<string> {
    const { type } = await read(Account, `users/${owner}`, `look ${owner} up at GitHub`);
    return type === 'Organization' ? 'orgs' : 'users';
  }

  async function versionsOf(path: Repository) {
    const purpose = `list the versions of the package ${path}`;
    const base = await baseOf(path);
    const found = new Map<string, z.output<typeof Version>>();
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = `?per_page=${PER_PAGE}&page=${page}`;
      const versions = await read(z.array(Version), `${base}/versions${query}`, purpose);
      for (const version of versions) found.set(version.name, version);
      if (versions.length < PER_PAGE) return found;
    }
    throw new RegistryError(
      'REGISTRY_ANSWER',
      `could not ${purpose}: its pages have no end`,
      'look at what answers there',
    );
  }

  return {
    name: "GitHub's packages API",
    async remove(path, { digest, tags }) {
      const version = (await versionsOf(path)).get(digest);
      if (version === undefined) return 'gone';
      const named = version.metadata.container.tags;
      // GitHub deletes by a number: it must stand for what the registry has by this digest.
      const others = named.filter((tag) => !tags.includes(tag));
      if (others.length > 0) {
        throw new CleanUpError(
          'CLEAN_UP_CHANGED',
          `GitHub has the tag ${JSON.stringify(others[0])} at ${path}@${digest}, which the registry does not list there`,
          'run the clean-up again; if it lasts, look at the package',
        );
      }
      const purpose = `delete ${path}@${digest}`;
      const response = await send(
        `${await baseOf(path)}/versions/${version.id}`,
        purpose,
        'DELETE',
      );
      if (response.status === 404) return 'gone';
      if (response.status === 204) return 'removed';
      throw responseError(purpose, response, [token], GITHUB);
    },
  };
}
