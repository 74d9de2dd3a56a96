import { stringify } from 'yaml';

/**
 * Settings for the `distribution` registry: files in a folder, deletion allowed, this machine only.
 * No blob cache: it would go on answering for a manifest that was just deleted.
 */
export function registryConfiguration(storage: string, port: number): string {
  return stringify({
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}` },
  });
}
