import pLimit from 'p-limit';
import { readVersion } from './read-version.ts';
import { parseRepository, type Repository } from '../image-reference.ts';
import { describeDetails, detailedPublications } from '../page/describe-details.ts';
import type { PageDetails } from '../page/page-data.ts';
import type { Publication } from '../page/publications.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError, type RegistryErrorCode } from '../registry/registry-error.ts';
import { nameOf } from '../retention/members.ts';
import type { Acceptance } from '../signing/signatures.ts';

/** Images, and versions of all of these, that are read at a time. */
const IMAGES_AT_ONCE = 4;
const AT_ONCE = 8;

/** Errors that the next request would meet as well, after all retries. */
const LASTING: readonly RegistryErrorCode[] = [
  'REGISTRY_UNREACHABLE',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
];

interface DetailsRequest {
  readonly client: RegistryClient;
  readonly prefix: Repository;
  readonly acceptance: Acceptance | undefined;
  /** Whether a version has details at any age. */
  readonly isNamed: (publication: Publication) => boolean;
}

interface FoundDetails {
  /** `image@digest` → details. */
  readonly details: ReadonlyMap<string, PageDetails>;
  /** Why versions have none, a sentence for each image. */
  readonly failures: readonly string[];
}

/** Reads the details of the publications that have some, and compares each with the one before it. */
export async function readDetails(
  publications: ReadonlyMap<string, readonly Publication[]>,
  { client, prefix, acceptance, isNamed }: DetailsRequest,
): Promise<FoundDetails> {
  const limit = pLimit(AT_ONCE);
  let lasting: RegistryError | undefined;
  const read = async (repository: Repository, { version }: Publication) => {
    if (lasting !== undefined) return lasting;
    const { digest, tags } = version;
    try {
      return await readVersion({ client, repository, digest, tags }, acceptance);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (LASTING.includes(error.code)) lasting = error;
      return error;
    }
  };
  const readImage = async ([name, all]: readonly [string, readonly Publication[]]) => {
    const repository = parseRepository(`${prefix}/${name}`);
    if (repository === undefined) return { details: [], failures: [] };
    const chosen = detailedPublications(all, isNamed);
    const found = await limit.map(chosen, (one) => read(repository, one));
    const readable = chosen.flatMap(({ version }, at) => {
      const now = found[at];
      return now === undefined || now instanceof RegistryError ? [] : [{ version, now }];
    });
    const details = readable.map(({ version, now }, at) => {
      const before = readable[at + 1];
      const shown = { ...describeDetails(now, before?.now), before: before?.version.digest };
      return [nameOf(version), shown] as const;
    });
    const errors = found.filter((one) => one instanceof RegistryError);
    const codes = [...new Set(errors.map(({ code }) => code))].join(', ');
    const failures =
      errors.length === 0
        ? []
        : [`${name}: the details of ${errors.length} versions could not be read (${codes}).`];
    return { details, failures };
  };
  const images = await pLimit(IMAGES_AT_ONCE).map(publications, readImage);
  return {
    details: new Map(images.flatMap(({ details }) => details)),
    failures: images.flatMap(({ failures }) => failures),
  };
}
