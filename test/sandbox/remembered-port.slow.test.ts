import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  isPortFree,
  chooseRememberedPort,
  type RememberedPort,
} from '../../infra/sandbox/remembered-port.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

/** No sandbox chooses from here on. */
const FIRST = 21_000;

test('a port in use is not chosen', async () => {
  const taken = await takenPort();
  expect(await isPortFree(taken)).toBe(false);
  const port = { ...somePort(join(temporaryFolder(), 'port')), first: taken };
  expect(await chooseRememberedPort(port)).toBeGreaterThan(taken);
});

test('the first choice is remembered', async () => {
  const port = somePort(join(temporaryFolder(), 'registry', 'port'));
  const chosen = await chooseRememberedPort(port);
  expect(chosen).toBeGreaterThanOrEqual(FIRST);
  expect(chosen).toBeLessThan(FIRST + 100);
  expect(readFileSync(port.file, 'utf8')).toBe(`${chosen}\n`);
  expect(await chooseRememberedPort({ ...port, first: 1 })).toBe(chosen);
});

test('a remembered port that is taken is an error', async () => {
  const file = join(temporaryFolder(), 'port');
  const taken = await takenPort();
  writeFileSync(file, `${taken}\n`);
  await expect(chooseRememberedPort(somePort(file))).rejects.toThrow(
    `port ${taken} of 127.0.0.1, where this sandbox has its registry, is taken\n` +
      `  end the program that listens there; or remove ${file} to choose another, which moves it`,
  );
  expect(existsSync(file)).toBe(true);
});

test('a port that is released just now is waited for', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = join(temporaryFolder(), 'port');
  writeFileSync(file, `${port}\n`);
  setTimeout(() => server.close(), 200);
  expect(await chooseRememberedPort(somePort(file))).toBe(port);
});

test('with every port taken, the error names them', async () => {
  const first = FIRST + 100;
  // One that another program has is taken as well.
  await Promise.allSettled(Array.from({ length: 100 }, (_, index) => takenPort(first + index)));
  const port = { ...somePort(join(temporaryFolder(), 'port')), first };
  await expect(chooseRememberedPort(port)).rejects.toThrow('from 21100 to 21199 is taken');
});

function somePort(file: string): RememberedPort {
  return { file, first: FIRST, owner: 'its registry', consequence: 'which moves it' };
}

async function takenPort(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
