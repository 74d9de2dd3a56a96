import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  isObject,
  UNKNOWN,
  type CheckFailure,
  type Log,
  type Properties,
} from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import { contextDigest } from './context-digest.ts';
import { flagAt, textAt, textsAt } from './property-path.ts';

/** Go's names, which platforms are made of, for Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/**
 * Completes the inputs as `docker.Image` does: defaults for the build, and the digest of the build
 * context, whose change is what leads to a new build. Anything may be unknown in a preview; what
 * depends on it is then left out.
 */
export async function checkImage(
  news: Properties,
  log: Log,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
  const buildOnPreview = flagAt(news, 'buildOnPreview');
  const inputs = { ...news, buildOnPreview: buildOnPreview === UNKNOWN ? false : buildOnPreview };
  const named = nameFailures(news);
  if (news['build'] === UNKNOWN) return { inputs, failures: named };

  const context = textAt(news, 'build.context') ?? '.';
  const dockerfile =
    textAt(news, 'build.dockerfile') ??
    (context === UNKNOWN ? UNKNOWN : join(context, 'Dockerfile'));
  const build: Properties = {
    ...(isObject(news['build']) && news['build']),
    context,
    dockerfile,
    platform: textAt(news, 'build.platform') ?? hostPlatform(log),
  };
  if (context === UNKNOWN || dockerfile === UNKNOWN) {
    return { inputs: { ...inputs, build }, failures: named };
  }
  const failures = [...named, ...dockerfileFailures(context, dockerfile)];
  if (failures.length > 0) return { inputs: { ...inputs, build }, failures };
  const digest = await contextDigest(context, dockerfile);
  return { inputs: { ...inputs, build: { ...build, contextDigest: digest } }, failures };
}

function nameFailures(news: Properties): readonly CheckFailure[] {
  const cacheFrom = textsAt(news, 'build.cacheFrom.images');
  const caches = cacheFrom === UNKNOWN ? [] : cacheFrom;
  const local = caches.length === 0 && flagAt(news, 'skipPush') === true;
  const names = caches.map((name) => ['build.cacheFrom.images', name] as const);
  const all = local ? names : [['imageName', textAt(news, 'imageName')] as const, ...names];
  return all.flatMap(([property, name]) => {
    if (name === UNKNOWN) return [];
    if (name === undefined) return [{ property, reason: 'the image has no name' }];
    if (parseImageReference(name) !== undefined) return [];
    const reason = `"${name}" is not fully qualified: write registry/repository:tag, for Docker Hub docker.io/repository:tag`;
    return [{ property, reason }];
  });
}

function dockerfileFailures(context: string, dockerfile: string): readonly CheckFailure[] {
  const property = 'build.dockerfile';
  const inContext = join(context, dockerfile);
  if (existsSync(dockerfile)) return [];
  const hint = existsSync(inContext)
    ? `try "${inContext}", since the path is relative to ${process.cwd()}, not to the context`
    : `it is looked for from ${process.cwd()}`;
  return [{ property, reason: `there is no Dockerfile at "${dockerfile}"; ${hint}` }];
}

function hostPlatform(log: Log): string {
  const platform = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;
  log('info', `building for ${platform}, this machine's platform, since build.platform is not set`);
  return platform;
}
