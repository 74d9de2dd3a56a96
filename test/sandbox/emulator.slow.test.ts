import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CHECKOUT, sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { endEmulator, isEmulator, startEmulator } from '../../infra/sandbox/emulator.ts';
import { runningProcess } from '../../infra/toolchain/pid-file.ts';
import { provideTrigger } from '../support/declared-registry.ts';
import { callApi } from './emulators/google/started-api.ts';
import { temporaryFolder } from './temporary-folder.ts';

const TRIGGER = 'projects/some-project/locations/global/triggers/refresh-images';

// Each start is a Node of its own, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Nobody is asked there as long as there is no repository. */
const REGISTRY = '127.0.0.1:1';

/** The emulator of a sandbox of the running test's own, ended when that has finished. */
function someEmulator() {
  const folder = temporaryFolder();
  onTestFinished(async () => {
    await endEmulator(folder);
  });
  const start = (registry = REGISTRY) =>
    startEmulator({ ...sandboxAt(CHECKOUT), emulatorFolder: folder }, registry);
  const pid = () => runningProcess(join(folder, 'emulator.json'))?.pid;
  return { folder, start, pid };
}

const portOf = (address: string) => Number(address.split(':')[1]);

test('the emulator is started once, at a port of its own, and ended once', async () => {
  const { folder, start, pid } = someEmulator();
  const { address, started } = await start();
  expect(started).toBe(true);
  expect(portOf(address)).toBeGreaterThanOrEqual(5100);
  expect(portOf(address)).toBeLessThanOrEqual(5199);
  const first = pid();
  expect(await start()).toEqual({ address, started: false });
  expect(pid()).toBe(first);
  expect(await endEmulator(folder)).toBe(true);
  expect(await isEmulator(portOf(address))).toBe(false);
  expect(await endEmulator(folder)).toBe(false);
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
])('one that was started %s is started again at its port', async (_, change, registry) => {
  const { folder, start, pid } = someEmulator();
  const { address } = await start();
  const first = pid();
  change(folder);
  expect(await start(registry)).toEqual({ address, started: true });
  expect(pid()).not.toBe(first);
  expect(await start(registry)).toEqual({ address, started: false });
});

test('one that chose its port before another one listens there takes the next', async () => {
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

test('one that died is started again, with all that it held', async () => {
  const { start, pid } = someEmulator();
  const { address } = await start();
  expect(await provideTrigger(address, TRIGGER)).toBe(true);
  process.kill(pid() ?? 0, 'SIGKILL');
  expect(await start()).toEqual({ address, started: true });
  expect((await callApi(address, 'GET', `v1/${TRIGGER}`)).body).toMatchObject({
    name: 'refresh-images',
  });
  expect(await provideTrigger(address, TRIGGER)).toBe(false);
});

test('one that can’t start says why, and what to mend', async () => {
  const { folder, start } = someEmulator();
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state/triggers.json'), '{');
  await expect(start()).rejects.toThrow(/did not start.*\n.*\n?.*triggers\.json.*damaged/);
});
