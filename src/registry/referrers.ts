import { z } from 'zod';
import type { HttpResponse } from '../http/fetch-with-retry.ts';
import { parseDigest, type Digest, type Registry, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { CORRECT, nextPage } from './listing-requests.ts';
import { OCI_INDEX, type ManifestDescriptor } from './manifest.ts';
import { badAnswer } from './registry-error.ts';
import type { RegistrySession } from './registry-session.ts';

type Annotations = Readonly<Record<string, string>>;

/** A manifest that has another one as its subject, such as a signature, as a list of referrers has it. */
export interface Referrer extends ManifestDescriptor {
  /** Empty where the list lacks it: then only its manifest says. */
  readonly artifactType: string;
  readonly annotations: Annotations;
}

const Listed = z
  .object({
    mediaType: z.string(),
    digest: z.string().transform(parseDigest),
    size: z.number(),
    artifactType: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  })
  .transform(({ digest, artifactType, annotations, ...rest }): Referrer[] =>
    digest === undefined
      ? []
      : [{ ...rest, digest, artifactType: artifactType ?? '', annotations: annotations ?? {} }],
  );

/** An index of referrers. */
export const ReferrerList = z
  .object({ schemaVersion: z.literal(2), manifests: z.array(Listed).nullish() })
  .transform(({ manifests }) => manifests?.flat() ?? []);

const MOST_PAGES = 100;
const LARGEST_PAGE = 5_000_000;

/** Only 404 is in the spec. ghcr.io may lead to a page of GitHub, which is limited for programs. */
function isUnknownPath({ status, origin }: HttpResponse): boolean {
  return [400, 404, 405, 406, 501].includes(status) || origin === 'https://github.com';
}

/** OCI distribution spec, "Listing Referrers"; `undefined` where the registry does not have that. */
export async function readReferrers(
  session: RegistrySession,
  registry: Registry,
  repository: Repository,
  subject: Digest,
): Promise<readonly Referrer[] | undefined> {
  const request = {
    scope: `repository:${repository}:pull`,
    purpose: `list what refers to ${registry}/${repository}@${subject}`,
    largestBody: LARGEST_PAGE,
    headers: { accept: OCI_INDEX },
  };
  const read: Referrer[] = [];
  let url: URL | undefined = new URL(`/v2/${repository}/referrers/${subject}`, session.origin);
  for (let pages = 0; url !== undefined; pages += 1) {
    if (pages === MOST_PAGES) throw badAnswer(request.purpose, 'its pages have no end', CORRECT);
    const response = await session.send({ ...request, url });
    if (pages === 0 && isUnknownPath(response)) return undefined;
    if (response.status !== 200) throw session.errorOf(request, response);
    const page = ReferrerList.safeParse(parseJson(response.bytes));
    if (pages === 0 && !page.success) return undefined;
    if (!page.success) throw badAnswer(request.purpose, 'one of its pages is no index', CORRECT);
    read.push(...page.data);
    url = nextPage(response.headers.get('link'), url);
  }
  return read;
}
