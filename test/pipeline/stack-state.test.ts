import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { expectNoRepository } from '../../infra/pipeline/stack-state.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';

/** A stack whose state the engine exports as this text. */
function placeWith(exported: string, status = 0) {
  const root = temporaryFolder();
  writeFileSync(join(root, 'state'), exported);
  const engine = join(root, 'pulumi');
  writeFileSync(engine, `#!/bin/sh\ncat '${root}/state'\nexit ${status}\n`);
  chmodSync(engine, 0o755);
  const env = { PATH: [root, process.env['PATH']].join(delimiter) };
  return { root, stack: 'prod', env };
}

function stateOf(...types: string[]): string {
  return JSON.stringify({ deployment: { resources: types.map((type) => ({ type, urn: 'x' })) } });
}

test('a state that has the repository begins no run that does not declare it', () => {
  const kept = placeWith(stateOf('pulumi:pulumi:Stack', REPOSITORY));
  expect(() => {
    expectNoRepository(kept);
  }).toThrow(/prod still has a repository[^]*don't unprotect/);
});

test.each([
  ['has only images', stateOf('pulumi:pulumi:Stack', 'docker:index/image:Image'), 0],
  ['is new', '{"deployment":{}}', 0],
  ['the engine has to report', '', 255],
])('a state that %s begins one', (_, exported, status) => {
  const place = placeWith(exported, status);
  expect(() => {
    expectNoRepository(place);
  }).not.toThrow();
});
