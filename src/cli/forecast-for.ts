import type { readPlain } from './read-plain.ts';
import type { readRegistry } from './read-registry.ts';
import type { Need, References } from '../branches/references.ts';
import { isImmutable } from '../image-reference.ts';
import { expectedCounts } from '../retention/attachments.ts';
import { forecast, type Forecast } from '../retention/forecast.ts';
import { underForeignPolicies, type ForeignForecast } from '../retention/foreign-policies.ts';
import { plainForecast } from '../retention/plain-forecast.ts';
import type { Retention } from '../retention/retention.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';

/** How long versions stay, what branches need, and what the catalog stands for. */
export interface Rules {
  readonly retention: Retention;
  readonly references: References;
  readonly images: readonly TaggedImage[];
  /** Whether publications are signed. */
  readonly isSigned: boolean;
}

/** The content of a registry. A `plain` one has no policies. */
export type Inventory =
  | ({ readonly kind: 'managed' | 'borrowed' } & Awaited<ReturnType<typeof readRegistry>>)
  | ({ readonly kind: 'plain' } & Awaited<ReturnType<typeof readPlain>>);

/** The forecast of a stack's registry, by the policies that count there. */
export function forecastFor(
  inventory: Inventory,
  { retention, references, images, isSigned }: Rules,
  { now, at }: { readonly now: Date; readonly at: Date },
): Forecast | ForeignForecast {
  const { versions } = inventory;
  const ofCatalog = expectedCounts(images, isSigned);
  const inputs = { retention, references, versions, now, at, ofCatalog };
  if (inventory.kind === 'plain') {
    const published = new Set(images.map(({ name, tag }) => `${name}:${tag}`));
    return plainForecast({ ...inputs, published, leftovers: inventory.leftovers });
  }
  const { live } = inventory;
  const own = forecast({ ...inputs, live });
  if (inventory.kind === 'managed') return own;
  const tags = new Map<string, string>(images.map(({ name, tag }) => [name, tag]));
  // Nothing else publishes an immutable tag, or a digest, that is gone.
  const isLost = ({ image, tag, digest }: Need) =>
    digest !== undefined || (isImmutable(tag) && tags.get(image) !== tag);
  return underForeignPolicies(own, live, { now, at, isLost });
}

/** Whether a needed version is lost or would be deleted, by the new policies or by those in force. */
export function isDangerous(forecast: Forecast | ForeignForecast, isDryRun: boolean): boolean {
  const { missing, endangered, threats } = forecast;
  const isDoomed = 'foreign' in forecast && forecast.foreign.doomed.length > 0;
  const isThreatened = !isDryRun && (isDoomed || threats.some(({ needed }) => needed));
  return missing.length > 0 || endangered.length > 0 || isThreatened;
}
