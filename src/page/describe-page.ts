import { describeBranches, endangeredNeeds, type PageForecast } from './describe-branches.ts';
import { describeCleanUp, describeSizes } from './describe-sizes.ts';
import { describeVersion, type VersionFacts } from './describe-versions.ts';
import type { ImageState, PageBranchName, PageData, PageDetails, PageImage } from './page-data.ts';
import { publicationsByImage, type Publication } from './publications.ts';
import type { PagePlaces } from './web-address.ts';
import type { Need, References } from '../branches/references.ts';
import { contentOf } from '../catalog/image.ts';
import { isLone } from '../retention/attachments.ts';
import type { VersionForecast } from '../retention/forecast.ts';
import { sizeOf } from '../retention/forecast-rows.ts';
import { nameOf } from '../retention/members.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';

export interface PageInputs {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `registry/prefix`. */
  readonly registry: string;
  readonly catalogFile: string;
  readonly images: readonly TaggedImage[];
  /** `undefined` where not all branches could be read. */
  readonly references: References | undefined;
  /** `undefined` where the registry could not be read. */
  readonly forecast: PageForecast | undefined;
  /** Whether clean-ups delete nothing as yet. */
  readonly isDryRun: boolean;
  /** `image@digest` → details. */
  readonly details: ReadonlyMap<string, PageDetails>;
  /** The names of images whose base or disk has a newer one. */
  readonly stale: ReadonlySet<string>;
  readonly places: PagePlaces;
  /** What could not be read, a sentence each. */
  readonly warnings: readonly string[];
  /** Dangers, and what was not looked up, a sentence each. */
  readonly notes: readonly string[];
}

/** What the page shows, from everything that was read. Equal inputs give equal values. */
export function describePage(inputs: PageInputs): PageData {
  const { day, forecast, isDryRun, places } = inputs;
  const references = inputs.references ?? { branches: [], needs: [] };
  const versions = forecast?.versions ?? [];
  const publications = publicationsByImage(versions);
  const endangered = forecast === undefined ? new Set<Need>() : endangeredNeeds(forecast, isDryRun);
  const sizes = forecast === undefined ? [] : describeSizes(versions, day);
  return {
    day,
    registry: inputs.registry,
    images: describeImages(inputs, references.needs, publications, endangered),
    branches: describeBranches(references, { forecast, endangered, publications, places }),
    cleanUp: describeCleanUp(publications.values(), sizes, day, isDryRun),
    sizes,
    warnings: inputs.warnings,
    unread: [
      ...(forecast === undefined ? (['registry'] as const) : []),
      ...(inputs.references === undefined ? (['branches'] as const) : []),
    ],
    notes: [...inputs.notes, ...loneNotes(versions)],
  };
}

/** Images for one platform of runs that ended before there was an index: they count in sizes alone. */
function loneNotes(versions: readonly VersionForecast[]): readonly string[] {
  const lone = versions.filter(({ version }) => isLone(version));
  const byImage = Map.groupBy(lone, ({ version }) => version.packageName);
  return [...byImage].map(
    ([name, { length }]) =>
      `${name}: ${length} images for one platform are not shown, since no index names them.`,
  );
}

function describeImages(
  inputs: PageInputs,
  needs: readonly Need[],
  publications: ReadonlyMap<string, readonly Publication[]>,
  endangered: ReadonlySet<Need>,
): readonly PageImage[] {
  const { images, forecast, stale, places, details } = inputs;
  const met = [...(forecast?.resolved ?? [])].flatMap(([need, version]) =>
    version === undefined ? [] : { need, name: nameOf(version) },
  );
  const byVersion = Map.groupBy(met, ({ name }) => name);
  const facts: VersionFacts = {
    needs: new Map([...byVersion].map(([name, all]) => [name, all.map(({ need }) => need)])),
    details,
    places,
    isForecast: inputs.references !== undefined,
  };
  const missing = new Set(forecast?.missing);
  const needsOf = Map.groupBy(needs, ({ image }) => image);
  const describeImage = (name: string, image?: TaggedImage): PageImage => {
    const versions = publications.get(name) ?? [];
    const named = needsOf.get(name) ?? [];
    const isPublished =
      image === undefined ? versions.length > 0 : versions.some((one) => isOf(image, one));
    const states: Record<Exclude<ImageState, 'unknown'>, boolean> = {
      missing: !isPublished || named.some((need) => missing.has(need)),
      endangered: named.some((need) => endangered.has(need)),
      'stale base': stale.has(name),
      published: isPublished,
    };
    const held = Object.keys(states) as (keyof typeof states)[];
    return {
      name,
      declared: image && declaredPart(image, inputs),
      states: forecast === undefined ? ['unknown'] : held.filter((state) => states[state]),
      neededBy: branchNames(named),
      bytes: sizeOf(versions.flatMap(({ parts }) => parts)),
      versions: versions.map((one) => describeVersion(one, facts)),
    };
  };
  const known = new Set(images.map(({ name }) => name));
  const others = [...new Set([...publications.keys(), ...needsOf.keys()])].filter(
    (name) => !known.has(name),
  );
  return [
    ...images.map((image) => describeImage(image.name, image)),
    ...others.toSorted().map((name) => describeImage(name)),
  ];
}

/** Whether a publication has the immutable tag that the catalog gives the image. */
function isOf({ tag }: TaggedImage, { version }: Publication): boolean {
  return version.tags.includes(tag);
}

function declaredPart(image: TaggedImage, { places, catalogFile }: PageInputs) {
  const { kind, distribution, version, platforms, tag, line } = image;
  const place = places.ofCheckout({ file: catalogFile, line });
  const verify = image.kind === 'vm-disk' ? undefined : image.verify;
  const holds = contentOf(image);
  return { kind, holds, verify, distribution, version, platforms, place, tag };
}

function branchNames(needs: readonly Need[]): readonly PageBranchName[] {
  const branches = new Set(needs.map(({ branch }) => branch));
  return [...branches].map(({ source, branch }) => ({ source, branch }));
}
