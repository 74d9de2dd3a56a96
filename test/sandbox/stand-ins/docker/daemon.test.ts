import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { daemonOf } from '../../../../infra/sandbox/stand-ins/docker/daemon.ts';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';

const MATERIAL = { caMaterial: 'the CA', certMaterial: 'the certificate', keyMaterial: 'the key' };
const WITHOUT_TLS = { DOCKER_CERT_PATH: '', DOCKER_TLS_VERIFY: '' };
const WITH_TLS = { DOCKER_CERT_PATH: '/certs', DOCKER_TLS_VERIFY: '1' };

test.each<[string, Properties, NodeJS.ProcessEnv, object]>([
  ['none', {}, {}, { DOCKER_CONTEXT: 'default', ...WITHOUT_TLS }],
  ['a context', { context: 'c' }, { DOCKER_CONTEXT: 'c' }, { DOCKER_CONTEXT: 'default' }],
  ['DOCKER_HOST', {}, { DOCKER_HOST: 'tcp://e:1' }, { DOCKER_HOST: 'tcp://e:1', ...WITHOUT_TLS }],
  ['a host', { host: 'tcp://h:1' }, { DOCKER_HOST: 'tcp://e:1' }, { DOCKER_HOST: 'tcp://h:1' }],
  ['certPath', { host: 'tcp://h:1', certPath: '/certs' }, {}, WITH_TLS],
  ['DOCKER_CERT_PATH', { host: 'tcp://h:1' }, { DOCKER_CERT_PATH: '/certs' }, WITH_TLS],
])('the engine by %s', (_, settings, env, expected) => {
  expect(daemonOf(settings, env)).toMatchObject({ variables: expected, isPinged: true });
});

test('the content of certificates becomes files, and DOCKER_HOST goes before the host', () => {
  const settings = { host: 'tcp://h:1', ...MATERIAL };
  vi.stubEnv('TMPDIR', temporaryFolder());
  const { variables } = daemonOf(settings, { DOCKER_HOST: 'tcp://e:1' });
  expect(variables).toMatchObject({ DOCKER_HOST: 'tcp://e:1', DOCKER_TLS_VERIFY: '1' });
  const contents = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
    readFileSync(join(variables['DOCKER_CERT_PATH'] ?? '', name), 'utf8'),
  );
  expect(contents).toEqual(Object.values(MATERIAL));
  expect(daemonOf(settings, {}).variables).toMatchObject({ DOCKER_HOST: 'tcp://h:1' });
});

test.each<[string, Properties, NodeJS.ProcessEnv, RegExp]>([
  ['half of the content', { certMaterial: 'c' }, {}, /must all be specified/],
  ['content and certPath', { ...MATERIAL, certPath: '/c' }, {}, /certPath must not/],
  ['content and DOCKER_CERT_PATH', MATERIAL, { DOCKER_CERT_PATH: '/c' }, /certPath must not/],
  ['ssh and certPath', { host: 'ssh://h', certPath: '/c' }, {}, /docker daemon/],
  ['ssh and DOCKER_CERT_PATH', { host: 'ssh://h' }, { DOCKER_CERT_PATH: '/c' }, /docker daemon/],
])('%s is an error', (_, settings, env, said) => {
  expect(() => daemonOf(settings, env)).toThrow(said);
});

test.each([
  [{ host: 'ssh://h' }, {}],
  [{}, { DOCKER_HOST: 'ssh://h' }],
])('by ssh it is not contacted: %j %j', (settings, env) => {
  expect(daemonOf(settings, env).isPinged).toBe(false);
});

test('ssh gets its options first, whatever they hold', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ssh'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(folder, 'ssh'), 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const options = ['-o', `ProxyCommand=it's "$HOME" \`x\``];
  const { variables } = daemonOf({ host: 'ssh://h', sshOpts: JSON.stringify(options) }, env);
  const seen = execFileSync('ssh', ['--', 'h'], {
    env: { ...env, ...variables },
    encoding: 'utf8',
  });
  expect(seen.trim().split('\n')).toEqual([...options, '--', 'h']);
});
