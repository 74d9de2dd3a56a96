import { relative } from 'node:path';
import { UNKNOWN, type Properties } from '../../../oci/protocol/resource-type.ts';
import { textAt } from './property-path.ts';

/**
 * The outputs of an image as far as its inputs tell them, before any build: all but `repoDigest`.
 * Outputs whose inputs are unknown are unknown too.
 */
export function plannedOutputs(inputs: Properties): Properties {
  const imageName = textAt(inputs, 'imageName') ?? '';
  const context = textAt(inputs, 'build.context') ?? '.';
  const dockerfile = textAt(inputs, 'build.dockerfile') ?? 'Dockerfile';
  const platform = textAt(inputs, 'build.platform');
  return {
    baseImageName: imageName,
    context,
    // Relative to the context, unlike the input of the same name.
    dockerfile:
      context === UNKNOWN || dockerfile === UNKNOWN ? UNKNOWN : relative(context, dockerfile),
    imageName,
    ...(platform !== undefined && { platform }),
    registryServer: textAt(inputs, 'registry.server') ?? '',
    repoDigest: UNKNOWN,
  };
}
