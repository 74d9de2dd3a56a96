import type { PolicyCondition, RegistryPolicy } from './evaluate-policies.ts';

/**
 * The policies as the file that `gcloud artifacts repositories set-cleanup-policies --policy` takes, which changes
 * no policy of another name.
 */
export function gcloudPolicies(policies: readonly RegistryPolicy[]) {
  return policies.map(({ id, action, condition, mostRecentVersions }) => ({
    name: id,
    action: { type: action === 'KEEP' ? 'Keep' : 'Delete' },
    condition: condition && { ...condition, tagState: condition.tagState?.toLowerCase() },
    mostRecentVersions,
  }));
}

/** The policies as blocks of Terraform's `google_artifact_registry_repository`. */
export function terraformPolicies(policies: readonly RegistryPolicy[]): string {
  return policies
    .map(({ id, action, condition, mostRecentVersions }) => {
      const rules =
        mostRecentVersions === undefined
          ? block('condition', conditionLines(condition ?? {}))
          : block('most_recent_versions', [
              ...list('package_name_prefixes', mostRecentVersions.packageNamePrefixes),
              `keep_count = ${mostRecentVersions.keepCount}`,
            ]);
      const lines = [`id     = ${quoted(id)}`, `action = ${quoted(action)}`, ...rules];
      return `${block('cleanup_policies', lines).join('\n')}\n`;
    })
    .join('');
}

function conditionLines(condition: PolicyCondition): readonly string[] {
  const { tagState, olderThan, newerThan } = condition;
  const one = (name: string, text: string | undefined) =>
    text === undefined ? [] : [`${name} = ${quoted(text)}`];
  return [
    ...one('tag_state', tagState),
    ...list('tag_prefixes', condition.tagPrefixes),
    ...list('version_name_prefixes', condition.versionNamePrefixes),
    ...list('package_name_prefixes', condition.packageNamePrefixes),
    ...one('older_than', olderThan),
    ...one('newer_than', newerThan),
  ];
}

function list(name: string, texts: readonly string[] = []): readonly string[] {
  if (texts.length === 0) return [];
  return [`${name} = [`, ...texts.map((text) => `  ${quoted(text)},`), ']'];
}

function block(name: string, lines: readonly string[]): readonly string[] {
  return [`${name} {`, ...lines.map((line) => `  ${line}`), '}'];
}

/** HCL's strings are JSON's, but for its templates. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, '$&$&');
}
