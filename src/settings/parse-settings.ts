import type { z } from 'zod';
import { SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { settingsOf, type Settings } from './settings.ts';
import { closest } from '../document/closest.ts';
import type { Problem } from '../problem.ts';

export const SETTING_KEYS = Object.keys(SETTING_REMEDIES) as readonly SettingKey[];

/** The settings, or everything that is wrong with them. */
export type ParsedSettings =
  | { readonly settings: Settings }
  | {
      readonly problems: readonly Problem[];
      /** Paths, where that much is known, so that these files can be checked as well. */
      readonly catalog?: string;
      readonly retention?: string;
    };

/** Where a setting is written. */
export type SettingPlace = Pick<Problem, 'file' | 'line' | 'column'>;

/**
 * Parses the settings of a stack. The project's own are keyed without its name; `gcp:project` and
 * `gcp:region`, which the gcp plug-in reads as well, with their prefix. `undefined` and the empty string
 * both mean that a setting is left out. The problems' codes are MISSING_SETTING, INVALID_SETTING and
 * UNKNOWN_SETTING; none of them quotes a value, since any could have been mixed up with a secret.
 *
 * `placeOf` says where a key is written, if it is; `file` is where one should be added.
 */
export function parseSettings(
  values: Readonly<Record<string, unknown>>,
  file: string,
  placeOf: (key: string) => SettingPlace | undefined = () => undefined,
): ParsedSettings {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const given = Object.fromEntries(present);
  const result = SettingValues.safeParse(given);
  if (result.success) return { settings: settingsOf(result.data) };
  const findings = result.error.issues.flatMap((issue) => findingsOf(issue, given));
  // One for each key: a number that is none is also out of its range.
  const problems = [...new Map(findings.map((finding) => [finding.path, finding])).values()];
  const catalog = SettingValues.shape.catalog.safeParse(given['catalog']).data;
  const retention = SettingValues.shape.retention.safeParse(given['retention']).data;
  return {
    problems: problems.map(({ key, ...problem }) => ({
      ...(placeOf(key) ?? { file }),
      ...problem,
    })),
    ...(catalog !== undefined && { catalog }),
    ...(retention !== undefined && { retention }),
  };
}

type Finding = Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'> & { readonly key: string };

function findingsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownSetting);
  const key = SETTING_KEYS.find((candidate) => candidate === issue.path[0]);
  if (key === undefined) throw new Error(`no such setting: ${String(issue.path[0])}`);
  const remedy = SETTING_REMEDIES[key];
  if (!Object.hasOwn(given, key)) {
    return [{ key, code: 'MISSING_SETTING', path: key, problem: 'is not set', remedy }];
  }
  const item = issue.path[1];
  const path = typeof item === 'number' ? `${key}[${item}]` : key;
  const problem =
    typeof given[key] === 'symbol' ? 'is encrypted but no secret' : 'has a value it can not have';
  return [{ key, code: 'INVALID_SETTING', path, problem, remedy }];
}

function unknownSetting(key: string): Finding {
  const near = closest(key, SETTING_KEYS);
  return {
    key,
    code: 'UNKNOWN_SETTING',
    path: key,
    problem: 'there is no such setting',
    remedy: near === undefined ? `use one of ${SETTING_KEYS.join(', ')}` : `write ${near}`,
  };
}
