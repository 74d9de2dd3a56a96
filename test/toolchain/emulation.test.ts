import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { endEmulation, provideEmulation, registration } from '../../infra/toolchain/emulation.ts';
import { smallestProgram } from '../../infra/toolchain/foreign-program.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test("the kernel is given the first bytes of a processor's programs, as by the emulator's package", () => {
  const magic = `\\x7f\\x45\\x4c\\x46\\x02\\x01\\x01${'\\x00'.repeat(9)}\\x02\\x00\\xb7\\x00`;
  const mask = `${'\\xff'.repeat(7)}\\x00${'\\xff'.repeat(8)}\\xfe\\xff\\xff\\xff`;
  expect(registration('linux/arm64', 'name', '/usr/bin/qemu-aarch64-static')).toBe(
    `:name:M::${magic}:${mask}:/usr/bin/qemu-aarch64-static:OCF`,
  );
});

test.each(['linux/amd64', 'linux/arm64'] as const)(
  'the smallest program for %s ends where its instructions do',
  (platform) => {
    const program = smallestProgram(platform);
    expect(program.readBigUInt64LE(64 + 32)).toBe(BigInt(program.length));
    expect(program.readBigUInt64LE(24) - program.readBigUInt64LE(64 + 16)).toBe(120n);
  },
);

const FORMAT =
  'failed to solve: process "/program" did not complete: exec /program: exec format error';

/** An emulator that was not opened when it was registered, and that no container has. */
const UNSEEN = 'standard_init_linux.go:228: exec user process caused: no such file or directory';

/** A Docker client whose builds end like this, and the number of its builds so far. */
function dockerThat(ends: string) {
  const [cli, log] = [join(temporaryFolder(), 'docker'), join(temporaryFolder(), 'log')];
  writeFileSync(log, '');
  writeFileSync(cli, `#!/bin/sh\necho "$BUILDX_BUILDER $@" >>'${log}'\n${ends}\n`, { mode: 0o755 });
  return {
    docker: { cli, host: 'unix:///nowhere.sock' },
    calls: () => readFileSync(log, 'utf8').trim().split('\n'),
  };
}

const note = () => undefined;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('programs of another processor', () => {
  test('need nothing where the Docker Engine runs them, wherever it is', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    vi.spyOn(process, 'getuid').mockReturnValue(501);
    const { docker, calls } = dockerThat('echo sha256:1');
    const owner = temporaryFolder();
    expect(await provideEmulation(['linux/arm64'], owner, docker, note)).toEqual([]);
    expect(calls()).toEqual([
      expect.stringMatching(/^default build .*--no-cache .*--platform=linux\/arm64/),
      'default image rm sha256:1',
    ]);
    expect(await endEmulation(owner)).toEqual([]);
  });

  test.each([
    ['darwin', 0, FORMAT, /only on Linux can npm start.*\n.*Docker Desktop/],
    ['linux', 1000, FORMAT, /only root can.*\n.*apt-get install qemu-user-static binfmt-support/],
    ['linux', 1000, UNSEEN, /only root can/],
  ] as const)('are refused with the remedy on %s for %i: %s', async (system, user, says, words) => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue(system);
    vi.spyOn(process, 'getuid').mockReturnValue(user);
    const { docker } = dockerThat(`echo '${says}' >&2; exit 1`);
    const owner = temporaryFolder();
    const provided = provideEmulation(['linux/arm64'], owner, docker, note);
    await expect(provided).rejects.toThrow(words);
    expect(await endEmulation(owner)).toEqual([]);
  });

  test.each(['no space left on device', 'failed to mount overlay: no such file or directory'])(
    'are not taken for missing where a build fails for another reason: %s',
    async (reason) => {
      vi.spyOn(process, 'getuid').mockReturnValue(1000);
      const { docker } = dockerThat(`echo '${reason}' >&2; exit 1`);
      const provided = provideEmulation(['linux/arm64'], temporaryFolder(), docker, note);
      await expect(provided).rejects.toThrow(reason);
    },
  );
});
