import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  readRecord,
  recordedDocker,
  writeRecord,
  type SandboxRecord,
} from '../../infra/sandbox/sandbox-record.ts';
import { sandboxAt, type Sandbox } from '../../infra/sandbox/sandbox.ts';
import { temporaryFolder } from './temporary-folder.ts';

const RECORD: SandboxRecord = {
  engine: { command: '/engine/bin/pulumi', version: 'v3.274.1', languageHost: 'bundled' },
  docker: { host: 'unix:///docker.sock', cli: '/docker/bin/docker' },
  registry: '127.0.0.1:5000',
  emulator: '127.0.0.1:5100',
  gitlab: '127.0.0.1:5200',
  plugins: {
    docker: { kind: 'official', version: '5.2.0' },
    gcp: { kind: 'stand-in', version: '9.37.0' },
  },
};

/** As the first version of this project wrote it. */
const EARLIER = {
  engine: RECORD.engine,
  docker: RECORD.docker,
  registry: RECORD.registry,
  dockerPlugin: { kind: 'stand-in', version: '5.2.0' },
};

test('a record is read back as it was written; before the first start there is none', () => {
  const sandbox = sandboxAt(temporaryFolder());
  expect(readRecord(sandbox)).toBeUndefined();
  expect(recordedDocker(sandbox)).toBeUndefined();
  writeRecord(sandbox, RECORD);
  expect(readRecord(sandbox)).toEqual(RECORD);
  expect(recordedDocker(sandbox)).toEqual(RECORD.docker);
});

test.each([
  ['of an earlier version', JSON.stringify(EARLIER), RECORD.docker],
  ['that is damaged', '{', undefined],
])('a record %s needs npm start, and npm stop uses its Docker Engine', (_, text, docker) => {
  const sandbox = sandboxWith(text);
  expect(() => readRecord(sandbox)).toThrow(/npm start/);
  expect(recordedDocker(sandbox)).toEqual(docker);
});

function sandboxWith(record: string): Sandbox {
  const sandbox = sandboxAt(temporaryFolder());
  mkdirSync(sandbox.folder);
  writeFileSync(sandbox.recordFile, record);
  return sandbox;
}
