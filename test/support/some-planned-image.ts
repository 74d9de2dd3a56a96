import { baseFixture, copyFixture, diskFixture, imageFixture } from '../tag/image-fixture.ts';
import { parseImageReference, parseTag } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedCopy, PlannedDisk } from '../../src/plan/plan-stack.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';
import { known } from './fixtures.ts';

/** A planned image for tests that do not care which. */
export function somePlannedImage(changes: Partial<PlannedContainer> = {}): PlannedContainer {
  return {
    ...imageFixture({
      base: baseFixture('docker.io/library/debian:12-slim'),
      context: 'config/contexts/apt',
      dockerfile: 'config/contexts/apt/Dockerfile',
      args: { FLAVOUR: 'small' },
      snapshot: '2026-11-01',
    }),
    ...plannedAs('debian-12'),
    ...changes,
  };
}

/** What planning adds to an image of this name. */
function plannedAs(name: string) {
  const text = `registry.example/ci/${name}:0123456789abcdef0123456789abcdef`;
  const reference = known(parseImageReference(text));
  const { registry, repository } = reference;
  const tag = known(reference.tag);
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
  const tag = known(parseTag(`${inputs}-${platform.replaceAll('/', '-')}`));
  return { platform, tag, inputs: {} };
}
