import type { z } from 'zod';
import { ENCRYPTED, SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { settingsOf, type Settings } from './settings.ts';
import { closest } from '../yaml/wording.ts';
import type { Problem } from '../problem.ts';

export const SETTING_KEYS = Object.keys(SETTING_REMEDIES) as readonly SettingKey[];

/** The settings, or all their problems. */
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
  const found = [
    ...(result.error?.issues.flatMap((issue) => problemsOf(issue, given)) ?? []),
    ...checkStart(given),
  ];
  if (result.success && found.length === 0) return { settings: settingsOf(result.data) };
  // One of a kind for each key: a number that is none is also out of its range.
  const problems = [...new Map(found.map((one) => [`${one.path} ${one.code}`, one])).values()];
  const catalog = SettingValues.shape.catalog.safeParse(given['catalog']).data;
  const retention = SettingValues.shape.retention.safeParse(given['retention']).data;
  return {
    problems: problems.map(({ key, ...problem }) => ({
      ...(placeOf(key) ?? { file }),
      ...problem,
    })),
    catalog,
    retention,
  };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly SettingProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownSetting);
  const key = SETTING_KEYS.find((candidate) => candidate === issue.path[0]);
  if (key === undefined) throw new Error(`no such setting: ${String(issue.path[0])}`);
  const remedy = SETTING_REMEDIES[key];
  if (!Object.hasOwn(given, key)) {
    return [{ key, code: 'MISSING_SETTING', path: key, problem: 'is not set', remedy }];
  }
  const item = issue.path[1];
  const path = typeof item === 'number' ? `${key}[${item}]` : key;
  return [{ key, code: 'INVALID_SETTING', path, problem: problemOf(key, given[key]), remedy }];
}

function problemOf(key: SettingKey, value: unknown): string {
  if (value === ENCRYPTED) return 'is encrypted but no secret';
  return key === 'refreshPipelineToken' ? 'is in plain text' : 'has a value it can not have';
}

function unknownSetting(key: string): SettingProblem {
  const near = closest(key, SETTING_KEYS);
  return {
    key,
    code: 'UNKNOWN_SETTING',
    path: key,
    problem: 'there is no such setting',
    remedy: near === undefined ? `use one of ${SETTING_KEYS.join(', ')}` : `write ${near}`,
  };
}

/**
 * Checks together the settings that start a refresh on a schedule: two ways to start it are
 * CONFLICTING_SETTINGS, and GitLab's way without its token is a MISSING_SETTING. A token that nothing
 * uses is no problem: it stays when the schedule goes for a while.
 */
function checkStart(given: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
  const isSet = (key: string) => Object.hasOwn(given, key);
  // The token belongs where the pipeline is: what stands for it in Pulumi.yaml is no place for one.
  const key = 'refreshPipeline';
  if (!isSet(key)) return [];
  const conflict: SettingProblem = {
    key,
    code: 'CONFLICTING_SETTINGS',
    path: key,
    problem: 'refreshTrigger is set as well, and a schedule starts one of them',
    remedy: "keep refreshTrigger for Cloud Build, or refreshPipeline for GitLab's pipeline",
  };
  const missing: SettingProblem = {
    key,
    code: 'MISSING_SETTING',
    path: 'refreshPipelineToken',
    problem: 'is not set, and the pipeline is started with it',
    remedy: SETTING_REMEDIES.refreshPipelineToken,
  };
  return [
    ...(isSet('refreshTrigger') ? [conflict] : []),
    ...(isSet('refreshPipelineToken') ? [] : [missing]),
  ];
}

/** A problem of a setting, still without its place. */
interface SettingProblem extends Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'> {
  /** The setting that gives the place: the one with the problem, or one that it belongs to. */
  readonly key: string;
}
