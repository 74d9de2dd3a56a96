import type { BuildInputs } from './build-inputs.ts';
import { sha256 } from './sha256.ts';
import { diskBuildInputs } from './disk-build-inputs.ts';
import type { DiskRecipe } from '../catalog/disk-source.ts';

/** What a VM disk is made from and how, hashed. Where it was downloaded is no part of it. */
export function diskInputs(recipe: DiskRecipe): BuildInputs {
  const inputs = Object.entries(diskBuildInputs(recipe));
  return Object.fromEntries(inputs.map(([name, value]) => [name, sha256([value])]));
}
