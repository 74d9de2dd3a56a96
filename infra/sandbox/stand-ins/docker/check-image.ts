import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  isObject,
  UNKNOWN,
  type CheckFailure,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import { contextDigest } from './context-digest.ts';

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
  /** How to log in to the registry that the image is pushed to. */
  registry: z.object({ username: z.string(), password: z.string() }).nullish(),
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

/** Inputs of the official plug-in that the program never sets, or not to this value. */
const UNSUPPORTED: readonly (readonly [path: string, value?: PropertyValue])[] = [
  ['build.addHosts'],
  ['build.cacheFrom'],
  ['build.network'],
  ['build.builderVersion', 'BuilderV1'],
  ['buildOnPreview', true],
  ['skipPush', true],
];

/**
 * Completes the inputs as `docker.Image` does with the digest of the build context, whose change leads to a
 * new build. In a preview any input may be unknown. The check then leaves out what depends on it.
 */
export async function checkImage(
  news: Properties,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
  const { build } = news;
  const [context, dockerfile] = [valueAt(news, 'build.context'), valueAt(news, 'build.dockerfile')];
  const failures: CheckFailure[] = [];
  const name = news['imageName'];
  if (typeof name === 'string' && parseImageReference(name) === undefined) {
    const reason = `"${name}" is not fully qualified: write registry/repository:tag`;
    failures.push({ property: 'imageName', reason });
  }
  for (const [property, value] of UNSUPPORTED) {
    const given = valueAt(news, property);
    if (given === undefined || given === UNKNOWN || (value !== undefined && given !== value))
      continue;
    failures.push({ property, reason: 'is not in the stand-in for the docker plug-in' });
  }
  if (context === UNKNOWN || dockerfile === UNKNOWN) return { inputs: news, failures };
  for (const [property, value] of Object.entries({ context, dockerfile })) {
    if (typeof value === 'string') continue;
    failures.push({ property: `build.${property}`, reason: 'is missing, or no path' });
  }
  if (typeof context !== 'string' || typeof dockerfile !== 'string' || !isObject(build)) {
    return { inputs: news, failures };
  }
  if (!existsSync(dockerfile)) {
    failures.push({ property: 'build.dockerfile', reason: missingDockerfile(context, dockerfile) });
  }
  if (failures.length > 0) return { inputs: news, failures };
  const digest = await contextDigest(context, dockerfile);
  return { inputs: { ...news, build: { ...build, contextDigest: digest } }, failures };
}

function missingDockerfile(context: string, dockerfile: string): string {
  const inContext = join(context, dockerfile);
  const hint = existsSync(inContext) ? `try "${inContext}", since` : 'note that';
  const rule = `the path is relative to ${process.cwd()}, not to the context`;
  return `there is no Dockerfile at "${dockerfile}"; ${hint} ${rule}`;
}
