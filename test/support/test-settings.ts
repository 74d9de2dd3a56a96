import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { gcpSettings } from '../../infra/sandbox/stack-settings.ts';
import { PROJECT } from '../../infra/sandbox/sandbox.ts';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

/** Where a test has its registry and its emulator, each `127.0.0.1:<port>`. */
export type TestAddresses = Pick<SandboxRecord, 'registry' | 'emulator'>;

/** Where the tests' stacks have their images: `ci-images/images` in their registry. */
export const TEST_REPOSITORY = { project: 'ci-images', region: 'europe-west4', id: 'images' };

const StackFile = z.object({ encryptionsalt: z.string().optional() });

/**
 * A stack's file, as YAML, with what every stack needs and `more` settings: the project's are keyed
 * without its name, those of plug-ins in full, such as `gcp:accessToken`. Of the `previous` one nothing
 * stays but the salt, which the engine wrote.
 */
export function testSettings(
  previous: string | undefined,
  { registry, emulator }: TestAddresses,
  more: Readonly<Record<string, unknown>>,
): string {
  const { project, region, id: repositoryId } = TEST_REPOSITORY;
  const settings = Object.entries({ registry, repositoryId, ...more }).map(
    ([key, value]) => [key.includes(':') ? key : `${PROJECT}:${key}`, value] as const,
  );
  return stringify({
    ...StackFile.parse(parse(previous ?? '{}')),
    config: { ...gcpSettings(project, region, emulator), ...Object.fromEntries(settings) },
  });
}
