import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { evaluatePolicies } from './evaluate-policies.ts';
import { referencedVersions, type HeldVersion, type Inventory } from './inventory.ts';
import { projectNumber } from './projects.ts';
import type { Repositories, Repository } from './repositories.ts';
import type { World } from './resources.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { versionName } from './versions.ts';

/** The effect of the clean-up on one repository. Versions have their full names. */
interface CleanupReport {
  readonly repository: string;
  readonly dryRun: boolean;
  /** Deleted; or, in a dry run, those that would have been. */
  readonly deleted: readonly string[];
  /** Selected, but not deleted: an index refers to them, or their tags are immutable. */
  readonly blocked: readonly string[];
  readonly kept: readonly { readonly version: string; readonly policies: readonly string[] }[];
}

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
      for (const [name, repository] of repositories.entries()) {
        reports.push(await cleanUp(name, repository));
      }
      return { repositories: reports };
    }),
    route('GET', 'emulator/v1/auditLog', () => ({
      entries: log.entries().map(([, entry]) => entry),
    })),
  ];
}

function judge(
  name: string,
  { cleanupPolicies = {}, cleanupPolicyDryRun, dockerConfig }: Repository,
  held: readonly HeldVersion[],
  now: number,
): { report: CleanupReport; selected: readonly HeldVersion[] } {
  const subjects = held.map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: Date.parse(version.uploadTime),
  }));
  const decisions = evaluatePolicies(cleanupPolicies, subjects, now);
  // As they are now: the children of an index that goes now go in the next run, as at Google.
  const referenced = referencedVersions(held);
  const isBlocked = ({ path, digest, tags }: HeldVersion) =>
    referenced.has(`${path}@${digest}`) ||
    (dockerConfig?.immutableTags === true && tags.length > 0);
  const outdated = decisions.filter(({ action }) => action === 'DELETE').map((d) => d.version);
  const selected = outdated.filter((version) => !isBlocked(version));
  const namesOf = (versions: readonly HeldVersion[]) =>
    versions.map((version) => versionName(name, version)).sort();
  const report = {
    repository: name,
    dryRun: cleanupPolicyDryRun === true,
    deleted: namesOf(selected),
    blocked: namesOf(outdated.filter(isBlocked)),
    kept: decisions
      .filter(({ action }) => action !== 'DELETE')
      .map(({ version, policies }) => ({ version: versionName(name, version), policies })),
  };
  return { report, selected };
}

/** An entry of the data-access log, as the clean-up writes one for each repository. */
function auditEntry({ repository, deleted, dryRun }: CleanupReport, timestamp: string) {
  const [, project = ''] = repository.split('/');
  const serviceName = 'artifactregistry.googleapis.com';
  const methodName = 'google.devtools.artifactregistry.v1.ArtifactRegistry.BatchDeleteVersions';
  const agent = `service-${projectNumber(project)}@gcp-sa-artifactregistry.iam.gserviceaccount.com`;
  const parent = `${repository}/packages/-`;
  return {
    insertId: randomUUID(),
    logName: `projects/${project}/logs/cloudaudit.googleapis.com%2Fdata_access`,
    timestamp,
    severity: 'INFO',
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName,
      methodName,
      resourceName: parent,
      authenticationInfo: { principalEmail: agent },
      request: { parent, names: deleted, validateOnly: dryRun },
    },
  };
}
