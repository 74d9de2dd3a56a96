import { copyFixture, diskFixture } from '../tag/image-fixture.ts';
import { parseImageReference, parseTag, type ImageReference } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedCopy, PlannedDisk } from '../../src/plan/plan-stack.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';

/** A planned image for tests that do not care which. */
export function somePlannedImage(changes: Partial<PlannedContainer> = {}): PlannedContainer {
  const base = parsed(`docker.io/library/debian:12-slim@sha256:${'a'.repeat(64)}`);
  const { digest } = base;
  if (digest === undefined) throw new Error('incomplete reference');
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
    ...plannedAs('debian-12'),
    ...changes,
  };
}

/** What planning adds to an image of this name. */
function plannedAs(name: string) {
  const reference = parsed(`registry.example/ci/${name}:0123456789abcdef0123456789abcdef`);
  const { registry, repository, tag } = reference;
  if (tag === undefined) throw new Error('incomplete reference');
  const builds = [someBuild('linux/amd64', tag)];
  return {
    registry,
    repository,
    tag,
    reference: { ...reference, tag },
    inputs: {},
    builds,
    line: 1,
  };
}

/** A planned VM disk. */
export function somePlannedDisk(changes: Partial<PlannedDisk> = {}): PlannedDisk {
  return {
    ...diskFixture({
      name: 'vm-debian-12',
      distribution: 'debian',
      version: '12',
      context: 'config/contexts/vm-disk',
      dockerfile: 'config/contexts/vm-disk/Dockerfile',
    }),
    ...plannedAs('vm-debian-12'),
    ...changes,
  };
}

/** A planned copy. */
export function somePlannedCopy(changes: Partial<PlannedCopy> = {}): PlannedCopy {
  return {
    ...copyFixture(),
    ...plannedAs('vm-kubespray-ci'),
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
