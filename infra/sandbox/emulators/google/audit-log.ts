import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { projectNumber } from './projects.ts';
import { placeOf } from './repository.ts';
import { openCollection } from './store.ts';

const SERVICE = 'artifactregistry.googleapis.com';
const METHOD = 'google.devtools.artifactregistry.v1.ArtifactRegistry.BatchDeleteVersions';

/** google.logging.v2.LogEntry with an audit log's payload. */
const Entry = z.looseObject({ timestamp: z.string() });

export interface AuditLog {
  /** Writes down one run of the clean-up in a repository, by the versions that it deletes. */
  append(repository: string, versions: readonly string[], validateOnly: boolean): void;
  /** Oldest first. */
  entries(): readonly object[];
}

/** The data-access log as the clean-up writes it, kept in `folder`. */
export function openAuditLog(folder: string, timestamp: () => string): AuditLog {
  const log = openCollection(folder, 'audit-log', Entry);
  return {
    append(repository, versions, validateOnly) {
      const place = String(log.entries().length).padStart(9, '0');
      log.set(place, entryOf(timestamp(), repository, versions, validateOnly));
    },
    entries: () => log.entries().map(([, entry]) => entry),
  };
}

function entryOf(
  timestamp: string,
  repository: string,
  names: readonly string[],
  validateOnly: boolean,
) {
  const { project } = placeOf(repository);
  const agent = `service-${projectNumber(project)}@gcp-sa-artifactregistry.iam.gserviceaccount.com`;
  const parent = `${repository}/packages/-`;
  return {
    insertId: randomUUID(),
    logName: `projects/${project}/logs/cloudaudit.googleapis.com%2Fdata_access`,
    timestamp,
    severity: 'INFO',
    resource: {
      type: 'audited_resource',
      labels: { project_id: project, service: SERVICE, method: METHOD },
    },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName: SERVICE,
      methodName: METHOD,
      resourceName: parent,
      authenticationInfo: { principalEmail: agent },
      request: {
        '@type':
          'type.googleapis.com/google.devtools.artifactregistry.v1.BatchDeleteVersionsRequest',
        parent,
        names,
        validateOnly,
      },
    },
  };
}
