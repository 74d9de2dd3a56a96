import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { firstFreePort, isPortFree } from '../../infra/sandbox/free-port.ts';
import { chooseRegistryPort } from '../../infra/sandbox/registry-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a port on which somebody listens is passed over', async () => {
  const taken = await takenPort();
  expect(await isPortFree(taken)).toBe(false);
  expect(await firstFreePort(taken, taken)).toBeUndefined();
  expect(await firstFreePort(taken, taken + 20)).toBeGreaterThan(taken);
});

test('the first choice is remembered, so that references stay the same', async () => {
  const file = join(temporaryFolder(), 'registry', 'port');
  const port = await chooseRegistryPort(file);
  expect(port).toBeGreaterThanOrEqual(5000);
  expect(port).toBeLessThanOrEqual(5099);
  expect(readFileSync(file, 'utf8')).toBe(`${port}\n`);
  expect(await chooseRegistryPort(file)).toBe(port);
});

test('a remembered port that is taken is an error, never exchanged in silence', async () => {
  const file = join(temporaryFolder(), 'port');
  const taken = await takenPort();
  writeFileSync(file, `${taken}\n`);
  await expect(chooseRegistryPort(file)).rejects.toThrow(`port ${taken} of 127.0.0.1`);
  expect(existsSync(file)).toBe(true);
});

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
