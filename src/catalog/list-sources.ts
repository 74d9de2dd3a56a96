import { imports } from './keys.ts';
import type { z } from 'zod';
import { isMapping } from '../yaml/check-mapping.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';

/** Where a list of disks is that the catalog is compared with. */
export type ListSource = z.infer<typeof imports>[number];

/** The `imports` of a catalog, which is valid. */
export function listSources({ value }: YamlDocument): readonly ListSource[] {
  return isMapping(value) ? (imports.safeParse(value['imports']).data ?? []) : [];
}
