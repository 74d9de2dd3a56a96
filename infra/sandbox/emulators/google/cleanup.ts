import { z } from 'zod';
import { openAuditLog } from './audit-log.ts';
import { deleteVersions, referencedVersions } from './delete-versions.ts';
import { evaluatePolicies } from './evaluate-policies.ts';
import type { HeldVersion } from './inventory.ts';
import { parseBody } from './parse-body.ts';
import { placeOf, type Repository } from './repository.ts';
import { route, type Route } from './router.ts';
import { versionName } from './version-names.ts';
import type { World } from './world.ts';

/** What the clean-up did in one repository. Versions are named in full. */
interface CleanupReport {
  readonly repository: string;
  readonly dryRun: boolean;
  /** Deleted; or, in a dry run, what would have been. */
  readonly deleted: readonly string[];
  /** To be deleted, but can't: an index refers to it, or its tag is immutable. */
  readonly blocked: readonly string[];
  readonly kept: readonly { readonly version: string; readonly policies: readonly string[] }[];
}

/**
 * `POST /emulator/v1/cleanup`: the job that Google runs about once a day, now, on all repositories;
 * `GET /emulator/v1/auditLog`: what it left in the audit log.
 */
export function cleanupRoutes(world: World): Route[] {
  const auditLog = openAuditLog(world.folder, () => world.clock.timestamp());
  return [
    route('POST', 'emulator/v1/cleanup', async ({ body }) => {
      parseBody(z.strictObject({}), body);
      const reports: CleanupReport[] = [];
      for (const [name, repository] of world.repositories.entries()) {
        const { report, doomed } = await judge(world, name, repository);
        if (report.deleted.length > 0) auditLog.append(name, report.deleted, report.dryRun);
        if (!report.dryRun) await deleteVersions(world, doomed);
        reports.push(report);
      }
      return { repositories: reports };
    }),
    route('GET', 'emulator/v1/auditLog', () => ({ entries: auditLog.entries() })),
  ];
}

async function judge(
  world: World,
  name: string,
  { cleanupPolicies = {}, cleanupPolicyDryRun, dockerConfig }: Repository,
): Promise<{ report: CleanupReport; doomed: readonly HeldVersion[] }> {
  const held = await world.inventory.versions(placeOf(name));
  const subjects = held.map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: Date.parse(version.uploadTime),
  }));
  const decisions = evaluatePolicies(cleanupPolicies, subjects, world.clock.now());
  // As they are now: what an index that goes now refers to goes in the next run, as at Google.
  const referenced = referencedVersions(held);
  const isBlocked = ({ path, digest, tags }: HeldVersion) =>
    referenced.has(`${path}@${digest}`) ||
    (dockerConfig?.immutableTags === true && tags.length > 0);
  const condemned = decisions.filter(({ action }) => action === 'DELETE').map((d) => d.version);
  const doomed = condemned.filter((version) => !isBlocked(version));
  const namesOf = (versions: readonly HeldVersion[]) =>
    versions.map((version) => versionName(name, version)).sort();
  const report = {
    repository: name,
    dryRun: cleanupPolicyDryRun === true,
    deleted: namesOf(doomed),
    blocked: namesOf(condemned.filter(isBlocked)),
    kept: decisions
      .filter(({ action }) => action !== 'DELETE')
      .map(({ version, policies }) => ({ version: versionName(name, version), policies })),
  };
  return { report, doomed };
}
