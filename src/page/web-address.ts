import type { PagePlace } from './page-data.ts';
import type { SupportedBranch } from '../branches/references.ts';
import type { Source } from '../branches/source.ts';

/** The code hosts whose addresses of lines are known. */
type Forge = 'gitlab' | 'github';

const FORGES: readonly Forge[] = ['gitlab', 'github'];

/** A repository that a browser can show, at one commit. */
interface WebCommit {
  /** The repository's URL without an account, a query and a final `.git`. */
  readonly url: string;
  /** Absent where the host has no name that tells. */
  readonly forge: Forge | undefined;
  readonly commit: string;
}

/**
 * The web address of a repository, if it has one: `https`, at a host that has a name outside of its own network. `hosts`
 * are those whose forge is known by other means than their names.
 */
function webCommit(
  repository: string,
  commit: string,
  hosts: Readonly<Record<string, Forge>> = {},
): WebCommit | undefined {
  const url = URL.parse(repository);
  if (url?.protocol !== 'https:' || isPrivate(url.hostname)) return undefined;
  const labels = url.hostname.split('.');
  const forge = hosts[url.host] ?? FORGES.find((name) => labels.includes(name));
  const path = url.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  return { url: `https://${url.host}${path}`, forge, commit };
}

/** Addresses of numbers, names without a dot, and names that the public DNS never has (RFC 6761, RFC 6762, RFC 8375). */
function isPrivate(hostname: string): boolean {
  return (
    /^[\d.]+$|^\[/.test(hostname) ||
    !hostname.includes('.') ||
    /\.(?:localhost|local|internal|lan|test|invalid|home\.arpa)\.?$/.test(hostname)
  );
}

interface FileLine {
  readonly file: string;
  readonly line?: number;
}

/** A line of a file of the commit, with its address where there is one. */
function placeIn(web: WebCommit | undefined, { file, line }: FileLine): PagePlace {
  const place = { file, line };
  if (web?.forge === undefined) return place;
  const { url, forge, commit } = web;
  const path = file.split('/').map(encodeURIComponent).join('/');
  const blob = forge === 'gitlab' ? '-/blob' : 'blob';
  const anchor = line === undefined ? '' : `#L${line}`;
  return { ...place, url: `${url}/${blob}/${commit}/${path}${anchor}` };
}

/** Finds the addresses of what the page names. */
export interface PagePlaces {
  /** The repository of a branch. */
  readonly repositoryOf: (branch: BranchCommit) => string | undefined;
  readonly ofBranch: (branch: BranchCommit, line: FileLine) => PagePlace;
  /** The place of a line in a file of this checkout. */
  readonly ofCheckout: (line: FileLine) => PagePlace;
}

type BranchCommit = Pick<SupportedBranch, 'source' | 'commit'>;

/** Where a checkout comes from: a repository's URL and a commit; empty where they are not known. */
export interface CheckoutOrigin {
  readonly source: string;
  readonly revision: string;
}

export function pagePlaces(
  sources: readonly Pick<Source, 'name' | 'repository'>[],
  { source: origin, revision }: CheckoutOrigin,
  hosts: Readonly<Record<string, Forge>> = {},
): PagePlaces {
  const addresses = new Map(
    sources.map(({ name, repository }) => [name, repository === '.' ? origin : repository]),
  );
  const webOf = ({ source, commit }: BranchCommit) =>
    webCommit(addresses.get(source) ?? '', commit, hosts);
  const own = revision === '' ? undefined : webCommit(origin, revision, hosts);
  return {
    repositoryOf: (branch) => webOf(branch)?.url,
    ofBranch: (branch, line) => placeIn(webOf(branch), line),
    ofCheckout: (line) => placeIn(own, line),
  };
}
