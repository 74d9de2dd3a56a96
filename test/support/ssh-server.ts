import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from '../../infra/toolchain/programs.ts';
import { freePort, listening } from './ports.ts';

/** An ssh server on loopback with keys of its own, and a way to it. */
export interface SshServer {
  /** `ssh://account@127.0.0.1:port`. */
  readonly address: string;
  /** A folder for PATH, with an `ssh` that has the account's key and knows the server's. */
  readonly bin: string;
  stop(): Promise<void>;
}

/** Where sshd leaves its privileges behind. */
const SEPARATION = '/run/sshd';

/** Starts it in `folder`. Whatever is run there by ssh has the `variables`. */
export async function startSshServer(
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<SshServer> {
  const sshd = await debianProgram('sshd', 'openssh-server', console.error);
  const ssh = await debianProgram('ssh', 'openssh-client', console.error);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const [hostKey, key] = [join(folder, 'host-key'), join(folder, 'key')];
  for (const file of [hostKey, key]) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  }
  copyFileSync(`${key}.pub`, join(folder, 'authorized-keys'));
  const port = await freePort();
  const set = Object.entries(variables).map(([name, value]) => `"${name}=${value}"`);
  const serverConfig = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized-keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
    'MaxStartups 100',
    `SetEnv ${set.join(' ')}`,
    '',
  ];
  const clientConfig = [
    'Host *',
    `  IdentityFile ${key}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(folder, 'known-hosts')}`,
    '  StrictHostKeyChecking yes',
    '',
  ];
  writeFileSync(join(folder, 'sshd.conf'), serverConfig.join('\n'));
  writeFileSync(join(folder, 'ssh.conf'), clientConfig.join('\n'));
  const publicKey = readFileSync(`${hostKey}.pub`, 'utf8');
  writeFileSync(join(folder, 'known-hosts'), `[127.0.0.1]:${port} ${publicKey}`);
  // ssh takes its files from the account's home folder, whatever HOME says.
  const wrapper = `#!/bin/sh\nexec ${ssh} -F ${join(folder, 'ssh.conf')} "$@"\n`;
  writeFileSync(join(bin, 'ssh'), wrapper);
  chmodSync(join(bin, 'ssh'), 0o755);
  const isNew = !existsSync(SEPARATION);
  mkdirSync(SEPARATION, { recursive: true, mode: 0o755 });
  const child = spawn(sshd, ['-D', '-e', '-f', join(folder, 'sshd.conf')], { stdio: 'ignore' });
  await listening(port);
  return {
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    bin,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      if (isNew) rmSync(SEPARATION, { recursive: true });
    },
  };
}
