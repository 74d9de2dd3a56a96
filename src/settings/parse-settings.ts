import type { z } from 'zod';
import type { SettingFinding } from './setting-finding.ts';
import { ENCRYPTED, SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { settingsOf, type Settings } from './settings.ts';
import { startFindings } from './start-findings.ts';
import { closest } from '../yaml/closest.ts';
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
 * both mean that a setting is left out, and `ENCRYPTED` that it is a secret. The problems' codes are
 * MISSING_SETTING, INVALID_SETTING, CONFLICTING_SETTINGS and UNKNOWN_SETTING; none of them quotes a value,
 * since any could have been mixed up with a secret.
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
  const findings = [
    ...(result.error?.issues.flatMap((issue) => findingsOf(issue, given)) ?? []),
    ...startFindings(given),
  ];
  if (result.success && findings.length === 0) return { settings: settingsOf(result.data) };
  // One of a kind for each key: a number that is none is also out of its range.
  const problems = [...new Map(findings.map((one) => [`${one.path} ${one.code}`, one])).values()];
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

function findingsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly SettingFinding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownSetting);
  const key = SETTING_KEYS.find((candidate) => candidate === issue.path[0]);
  if (key === undefined) throw new Error(`no such setting: ${String(issue.path[0])}`);
  const remedy = SETTING_REMEDIES[key];
  if (!Object.hasOwn(given, key)) {
    return [{ key, code: 'MISSING_SETTING', path: key, problem: 'is not set', remedy }];
  }
  const item = issue.path[1];
  const path = typeof item === 'number' ? `${key}[${item}]` : key;
  return [{ key, code: 'INVALID_SETTING', path, problem: whatIsWrong(key, given[key]), remedy }];
}

function whatIsWrong(key: SettingKey, value: unknown): string {
  if (value === ENCRYPTED) return 'is encrypted but no secret';
  return key === 'refreshPipelineToken' ? 'is in plain text' : 'has a value it can not have';
}

function unknownSetting(key: string): SettingFinding {
  const near = closest(key, SETTING_KEYS);
  return {
    key,
    code: 'UNKNOWN_SETTING',
    path: key,
    problem: 'there is no such setting',
    remedy: near === undefined ? `use one of ${SETTING_KEYS.join(', ')}` : `write ${near}`,
  };
}
