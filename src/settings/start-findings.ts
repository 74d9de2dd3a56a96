import type { SettingFinding } from './setting-finding.ts';
import { SETTING_REMEDIES } from './setting-values.ts';

/**
 * What is wrong with how a refresh is to be started on a schedule, by settings that are good or bad each
 * for itself: two ways at once, CONFLICTING_SETTINGS; or GitLab's way without its token, MISSING_SETTING.
 * A token that nothing uses is no harm, and stays when the schedule goes for a while.
 *
 * @param given the settings that are not left out
 */
export function startFindings(given: Readonly<Record<string, unknown>>): readonly SettingFinding[] {
  const isSet = (key: string) => Object.hasOwn(given, key);
  // The token belongs where the pipeline is: what stands for it in Pulumi.yaml is no place for one.
  const key = 'refreshPipeline';
  if (!isSet(key)) return [];
  const conflict: SettingFinding = {
    key,
    code: 'CONFLICTING_SETTINGS',
    path: key,
    problem: 'refreshTrigger is set as well, and a schedule starts one of them',
    remedy: "keep refreshTrigger for Cloud Build, or refreshPipeline for GitLab's pipeline",
  };
  const missing: SettingFinding = {
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
