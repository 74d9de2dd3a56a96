import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

export const RECORD: SandboxRecord = {
  engine: { command: '/engine/bin/pulumi', version: 'v3.274.1', languageHost: 'bundled' },
  docker: { host: 'unix:///docker.sock', cli: '/docker/bin/docker' },
  registry: '127.0.0.1:5000',
  emulator: '127.0.0.1:5100',
  gitlab: '127.0.0.1:5200',
  plugins: {
    docker: { kind: 'official', version: '5.2.0' },
    gcp: { kind: 'official', version: '9.37.0' },
  },
};
