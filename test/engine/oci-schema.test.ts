import { spawnSync } from 'node:child_process';
import { expect, inject, test } from 'vitest';
import { packageSchema } from '../../infra/oci/package-schema.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('`pulumi package get-schema ./infra/oci` prints the resources of the plug-in', () => {
  const { command } = inject('prerequisites').engine;
  const { status, stdout, stderr } = spawnSync(command, ['package', 'get-schema', './infra/oci'], {
    encoding: 'utf8',
    env: { ...process.env, PULUMI_HOME: temporaryFolder(), PULUMI_SKIP_UPDATE_CHECK: 'true' },
  });
  expect(status, stderr).toBe(0);
  const schema: unknown = JSON.parse(JSON.stringify(packageSchema()));
  expect(JSON.parse(stdout)).toMatchObject({ name: 'oci', ...(schema as object) });
});
