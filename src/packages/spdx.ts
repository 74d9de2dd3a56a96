import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sortPackages, type Package, type PackageList } from './package-list.ts';
import { packageUrl, readPackageUrl } from './purl.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const SYSTEM = 'SPDXRef-OperatingSystem';

/** SPDX 2.3 wants a time, and equal packages are to have equal bytes. */
const NO_TIME = '1970-01-01T00:00:00Z';

/** This project does not know where packages are downloaded from, and looks at no file in them. */
const NOT_SAID = { downloadLocation: 'NOASSERTION', filesAnalyzed: false };

/**
 * A package list as an SPDX 2.3 document, in JSON. Equal lists give equal documents: it has neither a time nor the name
 * of an image, and its namespace is made of its content.
 */
export function toSpdx(list: PackageList): object {
  const { distribution } = list;
  const packages = sortPackages(list.packages).map((one) => describe(one, list));
  const system = {
    SPDXID: SYSTEM,
    name: distribution.id,
    versionInfo: distribution.version === '' ? undefined : distribution.version,
    ...NOT_SAID,
    primaryPackagePurpose: 'OPERATING_SYSTEM',
  };
  const content = [system, ...packages];
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const name = [distribution.id, distribution.version].filter((part) => part !== '').join('-');
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${hash}`,
    creationInfo: { created: NO_TIME, creators: ['Tool: kubernetes-ci-images'] },
    packages: content,
    relationships: [
      relation(DOCUMENT, 'DESCRIBES', SYSTEM),
      ...packages.map(({ SPDXID }) => relation(SYSTEM, 'CONTAINS', SPDXID)),
    ],
  };
}

function describe(one: Package, list: PackageList) {
  const purl = packageUrl(one, list);
  // Names of packages have signs that an identifier must not have.
  const id = createHash('sha256').update(purl).digest('hex').slice(0, 16);
  return {
    SPDXID: `SPDXRef-Package-${id}`,
    name: one.name,
    versionInfo: one.version,
    ...NOT_SAID,
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ],
  };
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

const Spdx = z.object({
  spdxVersion: z.string().startsWith('SPDX-2.'),
  packages: z.array(
    z.object({
      name: z.string(),
      versionInfo: z.string().default(''),
      primaryPackagePurpose: z.string().optional(),
      externalRefs: z
        .array(z.object({ referenceType: z.string(), referenceLocator: z.string() }))
        .default([]),
    }),
  ),
});

/**
 * The package list of an SPDX 2 document: its packages of Debian's or rpm's kind. `undefined` for anything else, and for
 * a document without any.
 */
export function fromSpdx(document: unknown): PackageList | undefined {
  const content = Spdx.safeParse(document).data;
  if (content === undefined) return undefined;
  const system = content.packages.find(
    ({ primaryPackagePurpose }) => primaryPackagePurpose === 'OPERATING_SYSTEM',
  );
  const found = content.packages.flatMap(({ name, versionInfo: version, externalRefs }) => {
    const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl');
    const { format, architecture } = readPackageUrl(purl?.referenceLocator ?? '') ?? {};
    return format === undefined || architecture === undefined
      ? []
      : [{ format, name, version, architecture }];
  });
  const format = found[0]?.format;
  if (format === undefined) return undefined;
  const packages = found
    .filter((one) => one.format === format)
    .map(({ name, version, architecture }) => ({ name, version, architecture }));
  const distribution = { id: system?.name ?? 'linux', version: system?.versionInfo ?? '' };
  return { format, distribution, packages: sortPackages(packages) };
}
