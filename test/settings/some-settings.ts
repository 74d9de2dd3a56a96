import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../../src/problem.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';

const { config } = z
  .object({ config: z.record(z.string(), z.object({ default: z.unknown().optional() })) })
  .parse(parse(readFileSync('Pulumi.yaml', 'utf8')));

/** The defaults of Pulumi.yaml, and the values that each stack must have. */
export const VALUES: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(config).map(([key, declared]) => [key, declared.default])),
  'gcp:project': 'some-project',
  'gcp:region': 'europe-west4',
  repositoryId: 'images',
};

export const FILE = 'Pulumi.test.yaml';

export const TRIGGER = 'projects/some-project/locations/global/triggers/refresh';

export const PIPELINE = 'https://gitlab.example.com/api/v4/projects/42/trigger/pipeline';

/** The settings that follow from `VALUES` with `changed` ones. Throws when they are wrong. */
export function someSettings(changed: Readonly<Record<string, unknown>> = {}): Settings {
  const parsed = parseSettings({ ...VALUES, ...changed }, FILE);
  if ('settings' in parsed) return parsed.settings;
  throw new Error(codesOf(changed).join());
}

/** The problems of `VALUES` with `changed` ones. */
export function problemsOf(changed: Readonly<Record<string, unknown>>): readonly Problem[] {
  const parsed = parseSettings({ ...VALUES, ...changed }, FILE);
  return 'problems' in parsed ? parsed.problems : [];
}

/** Their codes and paths, in order. */
export function codesOf(changed: Readonly<Record<string, unknown>>): readonly string[] {
  return problemsOf(changed)
    .map(({ code, path }) => `${code} ${path}`)
    .toSorted();
}
