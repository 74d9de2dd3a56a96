import { expect, test } from 'vitest';
import { PLUGIN_VERSIONS, pluginArchive, providePlugins } from '../../infra/toolchain/plugins.ts';
import { notesTo } from '../../infra/toolchain/report.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const progress = notesTo(() => undefined);

test('where a plug-in cannot be downloaded, the remedy names a folder that a run with an identity looks into', async () => {
  const releases = 'http://127.0.0.1:1/';
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = pluginArchive('docker', `${process.platform}-${cpu}`, releases);
  const options = { releases, archives: temporaryFolder(), lock: { [url]: 'sha256:0' } };
  await expect(providePlugins(temporaryFolder(), ['docker'], options, progress)).rejects.toThrow(
    `PULUMI_HOME=<folder> pulumi plugin install resource docker ${PLUGIN_VERSIONS.docker}`,
  );
});
