import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  isObject,
  type CheckFailure,
  type Log,
  type Properties,
} from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import { contextDigest } from './context-digest.ts';
import { valueAt } from './image-inputs.ts';

/** Go's names, which platforms are made of, for Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Inputs of the official plug-in that the program never sets. The stand-in does not have them. */
const UNSUPPORTED = ['build.addHosts', 'build.cacheFrom', 'build.network'];

/**
 * Completes the inputs as `docker.Image` does: defaults for the build, and the digest of the build
 * context, whose change leads to a new build. In a preview any input may be unknown. The check then
 * leaves out what depends on it.
 */
export async function checkImage(
  news: Properties,
  log: Log,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
  const failures = [...nameFailures(news), ...unsupportedInputs(news)];
  const context = valueAt(news, 'build.context') ?? '.';
  if (typeof context !== 'string') return { inputs: news, failures };
  const dockerfile = valueAt(news, 'build.dockerfile') ?? join(context, 'Dockerfile');
  const platform = valueAt(news, 'build.platform') ?? hostPlatform(log);
  const given = isObject(news['build']) ? news['build'] : {};
  const build: Properties = { ...given, context, dockerfile, platform };
  const inputs = { ...news, build };
  if (typeof dockerfile !== 'string') return { inputs, failures };
  failures.push(...dockerfileFailures(context, dockerfile));
  if (failures.length > 0) return { inputs, failures };
  const digest = await contextDigest(context, dockerfile);
  return { inputs: { ...news, build: { ...build, contextDigest: digest } }, failures };
}

function nameFailures(news: Properties): readonly CheckFailure[] {
  const name = valueAt(news, 'imageName');
  if (typeof name !== 'string' || parseImageReference(name) !== undefined) return [];
  const reason = `"${name}" is not fully qualified: write registry/repository:tag`;
  return [{ property: 'imageName', reason }];
}

function unsupportedInputs(news: Properties): readonly CheckFailure[] {
  const properties = UNSUPPORTED.filter((path) => typeof valueAt(news, path) === 'object');
  if (valueAt(news, 'build.builderVersion') === 'BuilderV1')
    properties.push('build.builderVersion');
  if (news['buildOnPreview'] === true) properties.push('buildOnPreview');
  return properties.map((property) => ({
    property,
    reason: `the sandbox's stand-in for the docker plug-in does not support this value`,
  }));
}

function dockerfileFailures(context: string, dockerfile: string): readonly CheckFailure[] {
  if (existsSync(dockerfile)) return [];
  const inContext = join(context, dockerfile);
  const hint = existsSync(inContext)
    ? `try "${inContext}", since the path is relative to ${process.cwd()}, not to the context`
    : `the path is relative to ${process.cwd()}`;
  const reason = `there is no Dockerfile at "${dockerfile}"; ${hint}`;
  return [{ property: 'build.dockerfile', reason }];
}

function hostPlatform(log: Log): string {
  const platform = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;
  log('info', `building for ${platform}, this machine's platform, since build.platform is not set`);
  return platform;
}
