import type { z } from 'zod';
import { SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { closest } from '../document/closest.ts';
import { InvalidInputError, type Problem } from '../problem.ts';

/** Where a stack publishes to, and what. The password is left to the engine, which keeps it secret. */
export type Settings = Readonly<Omit<SettingValues, 'registryPassword'>>;

export const SETTING_KEYS = Object.keys(SETTING_REMEDIES) as readonly SettingKey[];

/** Where a setting is written. */
export type SettingPlace = Pick<Problem, 'file' | 'line' | 'column'>;

/**
 * Parses the settings of a stack, keyed without the project's name. `undefined` and the empty string
 * both mean that a setting is left out. Throws an InvalidInputError with every problem there is
 * (MISSING_SETTING, INVALID_SETTING, UNKNOWN_SETTING); none of them quotes a value, since any could
 * have been mixed up with the password.
 *
 * `placeOf` says where a key is written, if it is; `file` is where one should be added.
 */
export function parseSettings(
  values: Readonly<Record<string, unknown>>,
  file: string,
  placeOf: (key: string) => SettingPlace | undefined = () => undefined,
): Settings {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const given = Object.fromEntries(present);
  const result = SettingValues.safeParse(given);
  const findings = [
    ...(result.error?.issues ?? []).flatMap((issue) => findingsOf(issue, given)),
    ...findHalfCredentials(given),
  ];
  if (!result.success || findings.length > 0) {
    throw new InvalidInputError(
      findings.map((finding) => ({ ...(placeOf(finding.path) ?? { file }), ...finding })),
    );
  }
  const { registry, repositoryPrefix, catalog, source, registryUsername } = result.data;
  return { registry, repositoryPrefix, catalog, source, registryUsername };
}

type Finding = Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'>;

function findingsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownSetting);
  const key = SETTING_KEYS.find((known) => known === issue.path[0]);
  if (key === undefined) throw new Error(`no such setting: ${String(issue.path[0])}`);
  if (!Object.hasOwn(given, key)) return [missingSetting(key)];
  const problem =
    typeof given[key] === 'symbol' ? 'is encrypted but no secret' : 'has a value it can not have';
  return [{ code: 'INVALID_SETTING', path: key, problem, remedy: SETTING_REMEDIES[key] }];
}

function findHalfCredentials(given: Readonly<Record<string, unknown>>): readonly Finding[] {
  const missing = (['registryUsername', 'registryPassword'] as const).filter(
    (key) => !Object.hasOwn(given, key),
  );
  return missing.length === 1 ? missing.map(missingSetting) : [];
}

function missingSetting(key: SettingKey): Finding {
  const problem = 'is not set';
  return { code: 'MISSING_SETTING', path: key, problem, remedy: SETTING_REMEDIES[key] };
}

function unknownSetting(key: string): Finding {
  const near = closest(key, SETTING_KEYS);
  return {
    code: 'UNKNOWN_SETTING',
    path: key,
    problem: 'there is no such setting',
    remedy: near === undefined ? `use one of ${SETTING_KEYS.join(', ')}` : `write ${near}`,
  };
}
