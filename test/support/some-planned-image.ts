import { copyFixture, diskFixture } from '../tag/image-fixture.ts';
import { parseImageReference, parseTag, type ImageReference } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedCopy, PlannedDisk } from '../../src/plan/plan-stack.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';

/** A planned image for tests that do not care which. */
export function somePlannedImage(changes: Partial<PlannedContainer> = {}): PlannedContainer {
  const reference = parsed('registry.example/ci/debian-12:0123456789abcdef0123456789abcdef');
  const base = parsed(`docker.io/library/debian:12-slim@sha256:${'a'.repeat(64)}`);
  const { registry, repository, tag } = reference;
  const { digest } = base;
  if (tag === undefined || digest === undefined) throw new Error('incomplete references');
  return {
    kind: 'container',
    name: 'debian-12',
    distribution: 'debian',
    version: '12',
    base: { ...base, digest },
    context: 'config/contexts/apt',
    dockerfile: 'config/contexts/apt/Dockerfile',
    args: { FLAVOUR: 'small' },
    platforms: ['linux/amd64'],
    snapshot: '2026-11-01',
    registry,
    repository,
    tag,
    reference: { ...reference, tag },
    inputs: {},
    builds: [someBuild('linux/amd64', tag)],
    line: 1,
    ...changes,
  };
}

/** A planned VM disk. */
export function somePlannedDisk(changes: Partial<PlannedDisk> = {}): PlannedDisk {
  const reference = parsed('registry.example/ci/vm-debian-12:0123456789abcdef0123456789abcdef');
  const { registry, repository, tag } = reference;
  if (tag === undefined) throw new Error('incomplete reference');
  return {
    ...diskFixture({
      name: 'vm-debian-12',
      distribution: 'debian',
      version: '12',
      context: 'config/contexts/vm-disk',
      dockerfile: 'config/contexts/vm-disk/Dockerfile',
    }),
    registry,
    repository,
    tag,
    reference: { ...reference, tag },
    inputs: {},
    builds: [someBuild('linux/amd64', tag)],
    line: 1,
    ...changes,
  };
}

/** A planned copy. */
export function somePlannedCopy(changes: Partial<PlannedCopy> = {}): PlannedCopy {
  const reference = parsed('registry.example/ci/vm-kubespray-ci:0123456789abcdef0123456789abcdef');
  const { registry, repository, tag } = reference;
  if (tag === undefined) throw new Error('incomplete reference');
  return {
    ...copyFixture(),
    registry,
    repository,
    tag,
    reference: { ...reference, tag },
    inputs: {},
    builds: [someBuild('linux/amd64', tag)],
    line: 1,
    ...changes,
  };
}

/** What is built of an image for a platform, under the tag of these inputs. */
export function someBuild(platform: string, inputs: string): PlatformBuild {
  const tag = parseTag(`${inputs}-${platform.replaceAll('/', '-')}`);
  if (tag === undefined) throw new Error(`no tag: ${inputs}`);
  return { platform, tag, inputs: {} };
}

function parsed(text: string): ImageReference {
  const reference = parseImageReference(text);
  if (reference === undefined) throw new Error(`no image reference: ${text}`);
  return reference;
}
