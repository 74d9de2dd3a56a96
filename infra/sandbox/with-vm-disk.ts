import { parseDocument } from 'yaml';
import type { UpstreamDisk } from './upstream.ts';

/** The catalog with a VM disk at its end: Debian 12's, which is published raw and packed with xz. */
export function withVmDisk(catalog: string, { url, checksum }: UpstreamDisk): string {
  const document = parseDocument(catalog);
  const entry = document.createNode({
    ...{ kind: 'vm-disk', distribution: 'debian', version: '12', url, checksum },
    ...{ packing: 'xz', format: 'raw', enlargeBy: '1G' },
  });
  document.addIn(['images'], entry);
  return document.toString({ lineWidth: 0 });
}
