import { BUILD_INPUTS, type BuildInput, type BuildInputs } from './build-inputs.ts';

/** The build inputs that differ, come or go between two builds: why the immutable tag changed. */
export function changedInputs(old: BuildInputs, now: BuildInputs): readonly BuildInput[] {
  return BUILD_INPUTS.filter((name) => old[name] !== now[name]);
}
