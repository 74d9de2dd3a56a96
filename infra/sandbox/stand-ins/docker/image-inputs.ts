import { z } from 'zod';
import {
  isObject,
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';

/** The inputs of a `docker.Image` that the program sets, all known. The engine sends null for some absent ones. */
const ImageInputs = z.object({
  imageName: z.string(),
  build: z.object({
    /** A directory, relative to the working directory. */
    context: z.string(),
    /** A file, relative to the working directory too (not to the context). */
    dockerfile: z.string(),
    platform: z.string().nullish(),
    target: z.string().nullish(),
    args: z.record(z.string(), z.string()).nullish(),
  }),
});
export type ImageInputs = z.infer<typeof ImageInputs>;

/** Parses inputs that must be known by now. Throws an error that names the property by its path. */
export function parseImageInputs(inputs: Properties): ImageInputs {
  const parsed = ImageInputs.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(problems.join('\n'));
}

/**
 * The value at a path such as `build.context`: `undefined` when it or an object around it is absent
 * or null, `UNKNOWN` when it or an object around it is not known yet.
 */
export function valueAt(properties: Properties, path: string): PropertyValue | undefined {
  let value: PropertyValue | undefined = properties;
  for (const key of path.split('.')) {
    if (value === UNKNOWN) return UNKNOWN;
    value = isObject(value) ? value[key] : undefined;
  }
  return value ?? undefined;
}
