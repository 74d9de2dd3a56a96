import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { endService } from '../../infra/sandbox/background-service.ts';
import { isEmulator, startEmulator } from '../../infra/sandbox/services.ts';
import { runningProcess } from '../../infra/toolchain/pid-file.ts';
import { provideTrigger } from '../support/declared-registry.ts';
import { freePort } from '../support/ports.ts';
import { callApi } from './emulators/google/started-api.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const TRIGGER = 'projects/some-project/locations/global/triggers/refresh-images';

// Each start is a Node of its own, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** The emulator sends no request there as long as it has no repository. */
const REGISTRY = '127.0.0.1:1';

/**
 * The emulator of a sandbox of the running test's own, which ends with the test. It remembers `port`: while it is away,
 * another test's may take one of those that sandboxes choose from.
 */
function someEmulator(port?: number) {
  const folder = temporaryFolder();
  if (port !== undefined) writeFileSync(join(folder, 'port'), `${port}`);
  const end = () => endService({ name: 'emulator', folder });
  onTestFinished(async () => {
    await end();
  });
  const start = (registry = REGISTRY) =>
    startEmulator({ root: CHECKOUT, emulatorFolder: folder }, registry);
  const pid = () => runningProcess(join(folder, 'emulator.json'))?.pid;
  return { folder, start, end, pid };
}

test('the emulator is started once, at its port, and ended once', async () => {
  const port = await freePort();
  const { start, end, pid } = someEmulator(port);
  const { address, started } = await start();
  expect({ address, started }).toEqual({ address: `127.0.0.1:${port}`, started: true });
  const first = pid();
  expect(await start()).toEqual({ address, started: false });
  expect(pid()).toBe(first);
  expect(await end()).toBe(true);
  expect(await isEmulator(port)).toBe(false);
  expect(await end()).toBe(false);
});

test.each([
  ['for another registry', (folder: string) => readFileSync(join(folder, 'origin')), '127.0.0.1:2'],
  [
    'from other code',
    (folder: string) => {
      writeFileSync(join(folder, 'origin'), `${REGISTRY} other\n`);
    },
    REGISTRY,
  ],
  [
    'by a start that was cut short',
    (folder: string) => {
      rmSync(join(folder, 'origin'));
    },
    REGISTRY,
  ],
])('a service that was started %s is started again at its port', async (_, change, registry) => {
  const { folder, start, pid } = someEmulator(await freePort());
  const { address } = await start();
  const first = pid();
  change(folder);
  expect(await start(registry)).toEqual({ address, started: true });
  expect(pid()).not.toBe(first);
  expect(await start(registry)).toEqual({ address, started: false });
});

test('a service that chose its port before another one listens there takes the next port', async () => {
  const [one, other] = [someEmulator(), someEmulator()];
  const starting = one.start();
  // Chosen, but it takes a Node some time to listen.
  const isChosen = () => existsSync(join(one.folder, 'port'));
  await expect.poll(isChosen, { interval: 2 }).toBe(true);
  const [first, second] = await Promise.all([starting, other.start()]);
  expect(second.address).not.toBe(first.address);
  expect(await one.start()).toEqual({ ...first, started: false });
  expect(await other.start()).toEqual({ ...second, started: false });
});

test('a service that died is started again, with its state', async () => {
  const { start, pid } = someEmulator(await freePort());
  const { address } = await start();
  expect(await provideTrigger(address, TRIGGER)).toBe(true);
  process.kill(pid() ?? 0, 'SIGKILL');
  expect(await start()).toEqual({ address, started: true });
  expect((await callApi(address, 'GET', `v1/${TRIGGER}`)).body).toMatchObject({
    name: 'refresh-images',
  });
  expect(await provideTrigger(address, TRIGGER)).toBe(false);
});

test('the error of a service that cannot start has the reason and the remedy', async () => {
  const { folder, start } = someEmulator(await freePort());
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state/triggers.json'), '{');
  await expect(start()).rejects.toThrow(/did not start.*\n.*\n?.*triggers\.json.*damaged/);
});
