import { provideBases } from './base-images.ts';
import type { Report } from '../toolchain/report.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Sandbox } from './sandbox.ts';
import { provideUpstream } from './upstream.ts';
import { withVmDisk } from './catalog.ts';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** Writes the catalog of what is to be published, once what that is made of is there. */
export async function provideCatalog(
  sandbox: Sandbox,
  { docker, registry }: Pick<SandboxRecord, 'docker' | 'registry'>,
  isDiskWanted: boolean,
  report: Report,
): Promise<void> {
  const catalog = await report.step('base images', async (progress) => {
    const result = await provideBases(sandbox, docker, registry, progress);
    const { total, pulled, made } = result;
    const kept = total - pulled - made;
    const summary = `${made} made, ${pulled} looked up, ${kept} as they were`;
    return { result: result.catalog, summary };
  });
  if (!isDiskWanted) {
    writeCatalog(sandbox, catalog);
    return;
  }
  const disk = await report.step('VM disk', async ({ note }) => {
    const result = await provideUpstream(sandbox, note);
    return { result, summary: result.url };
  });
  writeCatalog(sandbox, withVmDisk(catalog, disk));
}

/** Writes the sandbox's catalog. One that has been refreshed stays, until another one is generated. */
function writeCatalog({ catalogFile, generatedCatalog }: Sandbox, generated: string): void {
  const isThere = readTextFile(catalogFile) !== undefined;
  if (isThere && readTextFile(generatedCatalog) === generated) return;
  writeIfChanged(catalogFile, generated);
  writeIfChanged(generatedCatalog, generated);
}
