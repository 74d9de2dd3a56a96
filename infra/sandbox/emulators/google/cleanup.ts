import { z } from 'zod';
import { evaluatePolicies } from './evaluate-policies.ts';
import type { HeldVersion, Inventory } from './inventory.ts';
import type { Repositories, Repository } from './repositories.ts';
import type { World } from './resources.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { versionName } from './versions.ts';

/**
 * `POST /emulator/v1/cleanup`: runs the job that Google runs about once a day, now, on all repositories.
 * `GET /emulator/v1/auditLog`: its entries in the audit log, oldest first.
 */
export function cleanupRoutes(
  { folder, clock }: World,
  repositories: Repositories,
  inventory: Inventory,
): Route[] {
  // google.logging.v2.LogEntry with the payload of an audit log.
  const log = openCollection(folder, 'audit-log', z.looseObject({ timestamp: z.string() }));

  async function cleanUp(name: string, repository: Repository): Promise<CleanupReport> {
    const held = await inventory.versions(name);
    const { report, selected } = judge(name, repository, held, clock.now());
    if (selected.length > 0) {
      const place = String(log.entries().length).padStart(9, '0');
      log.set(place, auditEntry(report, clock.timestamp()));
    }
    if (!report.dryRun) await inventory.delete(selected);
    return report;
  }

  return [
    route('POST', 'emulator/v1/cleanup', async () => {
      const reports: CleanupReport[] = [];
      for (const entry of repositories.entries()) reports.push(await cleanUp(...entry));
      return { repositories: reports };
    }),
    route('GET', 'emulator/v1/auditLog', () => ({
      entries: log.entries().map(([, entry]) => entry),
    })),
  ];
}

type CleanupReport = ReturnType<typeof judge>['report'];

/** The effect of the clean-up on one repository. Versions in the report have their full names. */
function judge(
  repository: string,
  { cleanupPolicies = {}, cleanupPolicyDryRun, dockerConfig }: Repository,
  held: readonly HeldVersion[],
  now: number,
) {
  const subjects = held.map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: Date.parse(version.uploadTime),
  }));
  // The children of an index that goes now go in the next run, as at Google.
  const decisions = evaluatePolicies(cleanupPolicies, subjects, now);
  const isImmutable = ({ tags }: HeldVersion) =>
    dockerConfig?.immutableTags === true && tags.length > 0;
  const {
    selected = [],
    blocked = [],
    kept = [],
  } = Object.groupBy(decisions, ({ action, version }) => {
    if (action === 'HELD') return 'blocked';
    if (action !== 'DELETE') return 'kept';
    return isImmutable(version) ? 'blocked' : 'selected';
  });
  const nameOf = ({ version }: { version: HeldVersion }) => versionName(repository, version);
  const report = {
    repository,
    dryRun: cleanupPolicyDryRun === true,
    /** Deleted; or, in a dry run, those that would have been. */
    deleted: selected.map(nameOf).sort(),
    /** Outdated, but not deleted: an index refers to them, or their tags are immutable. */
    blocked: blocked.map(nameOf).sort(),
    kept: kept.map((decision) => ({ version: nameOf(decision), policies: decision.policies })),
  };
  return { report, selected: selected.map(({ version }) => version) };
}

/** An entry of the data-access log, as the clean-up writes one for each repository. */
function auditEntry({ repository, deleted, dryRun }: CleanupReport, timestamp: string) {
  const [, project = ''] = repository.split('/');
  const parent = `${repository}/packages/-`;
  return {
    logName: `projects/${project}/logs/cloudaudit.googleapis.com%2Fdata_access`,
    timestamp,
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName: 'artifactregistry.googleapis.com',
      methodName: 'google.devtools.artifactregistry.v1.ArtifactRegistry.BatchDeleteVersions',
      resourceName: parent,
      request: { parent, names: deleted, validateOnly: dryRun },
    },
  };
}
