import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { debianProgram } from '../toolchain/programs.ts';
import { runCommand } from '../toolchain/run-command.ts';

const SECTOR = 512;

/** The sector that the one partition begins at, as partitioning programs have it: 1 MiB. */
const PARTITION_START = 2048;

/**
 * The packages of a Debian that starts without a network and that a BIOS can boot, with cloud-init, as images for
 * clouds have it.
 */
const PACKAGES = [
  'linux-image-cloud-amd64',
  'systemd-sysv',
  'grub-pc-bin',
  'grub-common',
  'cloud-init',
];

/** A quarter of it stays free. */
const PARTITION_MEBIBYTES = 540;

/** The files that a system needs to find itself, by their paths. GRUB's stay in /boot. */
const FILES = {
  '/etc/hostname': 'vm\n',
  // A quarter of the usual size, which an emulated machine unpacks in seconds.
  '/etc/initramfs-tools/conf.d/modules-list': 'MODULES=list\n',
  '/usr/share/initramfs-tools/modules.d/vm.conf': 'virtio_blk\nvirtio_pci\next4\n',
  '/boot/boot.cfg': [
    'set root=(hd0,msdos1)',
    'linux /vmlinuz root=/dev/vda1 rw console=ttyS0',
    'initrd /initrd.img',
    'boot',
    '',
  ].join('\n'),
} as const;

/** Units that a machine without a network does not need. An emulated machine spends half of its time on them. */
const MASKED = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_reap.service',
  'getty-static.service',
  'systemd-journal-flush.service',
  'systemd-modules-load.service',
  'systemd-pstore.service',
  'systemd-random-seed.service',
  'systemd-sysusers.service',
  'systemd-timesyncd.service',
  'systemd-update-utmp.service',
  'modprobe@configfs.service',
  'modprobe@dm_mod.service',
  'modprobe@drm.service',
  'modprobe@efi_pstore.service',
  'modprobe@fuse.service',
  'modprobe@loop.service',
];

const MASK = `chroot "$1" systemctl mask ${MASKED.join(' ')}`;

const MAKE_GRUB =
  'chroot "$1" grub-mkimage -O i386-pc -p /boot/grub -c /boot/boot.cfg -o /boot/core.img biosdisk part_msdos ext2 linux';

/**
 * Makes a raw disk of a Debian suite for linux/amd64 from its packages: it boots by BIOS from virtio to
 * a login prompt on its serial port. Takes some minutes, mounts nothing, and needs to be root only where
 * mmdebstrap does. `file` is new; `scratch` takes 1 GB on the way. May throw a PrerequisiteError.
 */
export async function makeVmDisk(
  suite: string,
  file: string,
  scratch: string,
  note: (line: string) => void,
): Promise<void> {
  for (const program of ['mmdebstrap', 'fakeroot']) await debianProgram(program, program, note);
  await debianProgram('mke2fs', 'e2fsprogs', note);
  await debianProgram('sfdisk', 'fdisk', note);
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'vm-disk-'));
  try {
    await makeRoot(suite, folder);
    await makeDisk(folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Leaves `root.tar`, and beside it GRUB's `boot.img` and `core.img`. */
async function makeRoot(suite: string, folder: string): Promise<void> {
  const unused = ['doc', 'man', 'locale', 'i18n'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  );
  const uploads = Object.entries(FILES).flatMap(([path, text], index) => {
    writeFileSync(join(folder, `file-${index}`), text);
    // Before the kernel is installed, which makes its initial file system then.
    const parent = path.slice(0, path.lastIndexOf('/'));
    return [`mkdir -p "$1${parent}"`, `upload file-${index} ${path}`];
  });
  const hooks = [
    MASK,
    MAKE_GRUB,
    'download /boot/core.img core.img',
    'download /usr/lib/grub/i386-pc/boot.img boot.img',
  ];
  const args = [
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    ...unused,
    ...uploads.map((hook) => `--essential-hook=${hook}`),
    ...hooks.map((hook) => `--customize-hook=${hook}`),
  ];
  await runCommand('mmdebstrap', [...args, suite, 'root.tar'], { cwd: folder });
}

/**
 * Makes the disk: a partition table, GRUB before the one partition, and the file system in it. GRUB's `boot.img`,
 * of which 440 bytes are code, goes on reading at the second sector. fakeroot keeps the owners of files where
 * this process is not root.
 */
async function makeDisk(folder: string, file: string): Promise<void> {
  const script = [
    'set -e',
    'mkdir root',
    'tar --extract --numeric-owner --exclude="./dev/*" --file root.tar --directory root',
    `mke2fs -q -F -t ext4 -E "offset=${PARTITION_START * SECTOR}" -d root "$1" ${PARTITION_MEBIBYTES}M`,
    `echo "${PARTITION_START},,L,*" | sfdisk --quiet --label dos --wipe never --wipe-partitions never "$1"`,
    'dd if=boot.img of="$1" bs=440 count=1 conv=notrunc status=none',
    `dd if=core.img of="$1" bs=${SECTOR} seek=1 conv=notrunc status=none`,
  ].join('\n');
  const isRoot = process.getuid?.() === 0;
  const shell = ['sh', '-c', script, 'sh', file];
  const [command = 'sh', ...args] = isRoot ? shell : ['fakeroot', ...shell];
  // The programs of a disk lie in sbin, which is not on every user's PATH.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  await runCommand(command, args, { cwd: folder, env });
}
