import { describe, expect, it } from 'vitest';
import { isInFirmware, judgeConsole } from '../../src/verify/machine.ts';
import { lastLines } from '../../src/verify/verify-error.ts';

const CLOUD_INIT = '[   30.1] cloud-init[712]: Cloud-init v. 22.4.2 finished at Wed, 25 Nov 2026';

describe('a machine is up', () => {
  it.each<[string, string, string?]>([
    ['at a login prompt', 'Debian GNU/Linux 12 vm ttyS0\n\nvm login: '],
    ['at a prompt after which the kernel printed on', 'vm login: [   46.2] cdrom: Revision 3.20\n'],
    ['at a prompt after which systemd went on', 'vm login:          Starting Record Runlevel...\n'],
    ['at a prompt after which systemd was done', 'vm login: [  OK  ] Reached target Multi-User.\n'],
    ['at a prompt that more lines follow', 'localhost login: \n[   50.0] random: crng init done\n'],
    ['when cloud-init has finished', CLOUD_INIT, 'cloud-init has finished'],
  ])('%s', (_, text, sign = 'a login prompt') => {
    expect(judgeConsole(text)).toEqual({ kind: 'up', sign });
  });
});

describe('a machine has stopped', () => {
  it.each([
    ['the kernel panicked', '[ 1.2] Kernel panic - not syncing: VFS: Unable to mount root fs'],
    ['the boot loader does not find its files', 'Entering rescue mode...\ngrub rescue> '],
    ['the boot loader has nothing to boot', '   Minimal BASH-like line editing\n\ngrub> '],
    ['the firmware finds nothing to boot', 'Boot failed: not a bootable disk\nNo bootable device.'],
    ['the root file system was not found', 'ALERT!  /dev/vda1 does not exist.\n(initramfs) '],
    ['the root file system was not found', 'Entering emergency mode.\ndracut:/# '],
    ['systemd gave up', 'You are in emergency mode. After logging in, type "journalctl -xb"'],
    [
      'the kernel panicked',
      'vm login: [ 60.0] Kernel panic - not syncing: Attempted to kill init!',
    ],
  ])('%s', (reason, text) => {
    expect(judgeConsole(text)).toEqual({ kind: 'failed', reason });
  });
});

describe('a machine is under way', () => {
  it.each([
    ['nothing yet', ''],
    ['the firmware looks on', 'Boot failed: could not read the boot disk\nBooting from DVD/CD...'],
    ['a service is named after logins', '[  OK  ] Started systemd-logind - User Login Management.'],
    ['a message about a login', 'sshd: failed login: root from 10.0.0.1'],
    ['a login that nobody asks for', 'login: '],
    ['a message about a login of before', 'Last login: Thu Nov 26 on ttyS0'],
    ['cloud-init has begun', "Cloud-init v. 22.4.2 running 'init-local' at Wed, 25 Nov 2026"],
  ])('%s', (_, text) => {
    expect(judgeConsole(text)).toBeUndefined();
  });

  it('is in its firmware until something else speaks', () => {
    const firmware = '\nSeaBIOS (version 1.16.2)\nBooting from Hard Disk...\n';
    expect(isInFirmware('')).toBe(true);
    expect(isInFirmware(firmware)).toBe(true);
    expect(isInFirmware(`${firmware}GRUB loading...\n`)).toBe(false);
    expect(isInFirmware(`${firmware}[    0.000000] Linux version 6.1.0\n`)).toBe(false);
  });
});

it('the last lines are those that say something', () => {
  expect(lastLines('a\n\nb  \n \nc\n', 2)).toEqual(['b', 'c']);
});
