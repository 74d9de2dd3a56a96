import type { z } from 'zod';
import { ENCRYPTED, SETTING_REMEDIES, SettingValues, type SettingKey } from './setting-values.ts';
import { settingsOf, type Settings } from './settings.ts';
import { closest } from '../yaml/wording.ts';
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
  return [{ key, code: 'INVALID_SETTING', path, problem: whatIsWrong(key, given[key]), remedy }];
}

function whatIsWrong(key: SettingKey, value: unknown): string {
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
 * What is wrong with how a refresh is to be started on a schedule, by settings that are good or bad each
 * for itself: two ways at once, CONFLICTING_SETTINGS; or GitLab's way without its token, MISSING_SETTING.
 * A token that nothing uses is no harm, and stays when the schedule goes for a while.
 *
 * @param given the settings that are not left out
 */
function startFindings(given: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
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

/** Something wrong with a setting, before it is known where that is written. */
interface SettingProblem extends Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'> {
  /** What it is placed at: the setting itself, or one that it belongs to. */
  readonly key: string;
}
