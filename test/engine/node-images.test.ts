import { join } from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { dockerClient } from '../../src/verify/docker-client.ts';
import { removeNode, startNode } from '../../src/verify/node-container.ts';
import { bootNode } from '../../src/verify/wait-for-systemd.ts';
import { buildOn, provideDebianBase, docker, forgetBuilds } from '../support/docker-cli.ts';

const CONTEXT = join(CHECKOUT, 'config/contexts/apt');
/** No registry, but a name of its own to forget everything by. */
const NAMESPACE = `nodes-${process.pid}.test`;
const SUITES = ['bullseye', 'bookworm', 'trixie'];

/** The commands that Kubernetes CI needs on a node. */
const COMMANDS = [
  ...['systemctl', 'sshd', 'python3', 'sudo', 'ip', 'iptables', 'ebtables', 'conntrack', 'socat'],
  ...['ethtool', 'modprobe', 'sysctl', 'curl', 'update-ca-certificates'],
];
const PRIVILEGED = { seconds: 120, isPrivileged: true };
const BROKEN_UNIT = '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n';

const client = dockerClient(new AbortController().signal);

const node = (suite: string) => `${NAMESPACE}/node-${suite}:1`;

beforeAll(async () => {
  await pLimit(2).map(SUITES, async (suite) => {
    const base = `${NAMESPACE}/debian:${suite}`;
    await provideDebianBase(suite, base);
    await docker(
      'build',
      '--network',
      'host',
      '--build-arg',
      `BASE=${base}`,
      '-t',
      node(suite),
      CONTEXT,
    );
  });
});

afterAll(async () => {
  await forgetBuilds(NAMESPACE);
});

describe.each(SUITES)('a node of Debian %s', (suite) => {
  it('boots, and no unit of it fails', async () => {
    const { log, ...booted } = await bootNode(client, node(suite), PRIVILEGED);
    expect(booted, log.join('\n')).toEqual({ state: 'running', failedUnits: [] });
  });

  it('answers by SSH, and has every command that Kubernetes CI needs', async () => {
    const missing = `for name in ${COMMANDS.join(' ')}; do command -v "$name" >/dev/null || echo "$name"; done`;
    expect(await runIn(node(suite), `${GREETING}\n${missing}`)).toMatch(/^SSH-2\.0-OpenSSH_.*\n$/);
  });

  it('has no key of SSH and no id of a machine in its image', async () => {
    const secrets = 'ls /etc/ssh; cat /etc/machine-id';
    const listed = await docker(
      'run',
      '--rm',
      '--network',
      'none',
      node(suite),
      'sh',
      '-c',
      secrets,
    );
    expect(listed).not.toMatch(/host|^[0-9a-f]{32}$/m);
  });
});

it('lets root in by a key, with host keys and an id that each container has made for itself', async () => {
  const logIn = () => runIn(node('bookworm'), LOG_IN);
  const [first, second] = await Promise.all([logIn(), logIn()]);
  expect(first).toMatch(/^root\n[0-9a-f]{32}\nssh-ed25519 \S+ /);
  expect(second).toMatch(/^root\n[0-9a-f]{32}\nssh-ed25519 \S+ /);
  const lines = [first, second].map((text) => text.split('\n'));
  expect(lines[0]?.[1]).not.toBe(lines[1]?.[1]);
  expect(lines[0]?.[2]).not.toBe(lines[1]?.[2]);
});

it('names the unit that failed', async () => {
  const broken = await buildOn(node('bookworm'), `${NAMESPACE}/broken:1`, [
    `RUN printf '${BROKEN_UNIT}' >/etc/systemd/system/broken.service`,
    'RUN mkdir -p /etc/systemd/system/multi-user.target.wants',
    'RUN ln -s ../broken.service /etc/systemd/system/multi-user.target.wants/',
  ]);
  const { state, failedUnits, log } = await bootNode(client, broken, PRIVILEGED);
  expect(state).toBe('degraded');
  expect(failedUnits).toContain('broken.service');
  expect(log.join('\n')).toMatch(/Failed to start .*broken\.service/);
});

it('is not allowed what systemd needs, unless it is privileged', async () => {
  const options = { ...PRIVILEGED, isPrivileged: false };
  const { state, log } = await bootNode(client, node('bookworm'), options);
  expect(state).toBe('ended');
  expect(log.join('\n')).toMatch(/Read-only file system|not permitted|Permission denied/);
});

it('says of an image that boots nothing that it has ended', async () => {
  const short = await buildOn(node('bookworm'), `${NAMESPACE}/short:1`, ['CMD ["true"]']);
  expect((await bootNode(client, short, PRIVILEGED)).state).toBe('ended');
});

it('says of an image that runs something else that systemd is absent', async () => {
  const other = await buildOn(node('bookworm'), `${NAMESPACE}/other:1`, ['CMD ["sleep", "600"]']);
  expect((await bootNode(client, other, { ...PRIVILEGED, seconds: 2 })).state).toBe('absent');
});

it('says of an image that takes too long that it is still starting', async () => {
  const slow = await buildOn(node('bookworm'), `${NAMESPACE}/slow:1`, [
    'RUN mkdir -p /etc/systemd/system/ssh.service.d',
    "RUN printf '[Service]\\nExecStartPre=/bin/sleep 60\\n' >/etc/systemd/system/ssh.service.d/slow.conf",
  ]);
  const booted = await bootNode(client, slow, { ...PRIVILEGED, seconds: 10 });
  expect(booted).toMatchObject({ state: 'starting', failedUnits: [] });
});

/** Starts a node, waits for its SSH server, and runs a script in it. */
async function runIn(image: string, script: string): Promise<string> {
  const container = await startNode(docker, image, PRIVILEGED);
  const wait = 'until systemctl is-active --quiet ssh.service; do sleep 0.2; done';
  try {
    return await docker('exec', container, 'sh', '-c', `set -e\n${wait}\n${script}`);
  } finally {
    await removeNode(docker, container);
  }
}

const GREETING = `python3 -c '
import socket
with socket.create_connection(("127.0.0.1", 22), 10) as server:
    print(server.recv(255).decode().strip())
'`;

/** Logs in from inside by a new key, and prints the user, the machine's id and its host key. */
const LOG_IN = `mkdir -m 700 -p /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
ssh -o BatchMode=yes -o StrictHostKeyChecking=no root@127.0.0.1 \\
    'whoami; cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub' 2>/dev/null`;
