import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { debianProgram, findCommand } from '../toolchain/programs.ts';
import { runCommand } from '../toolchain/run-command.ts';

const MEBIBYTE = 1024 * 1024;

/** The packages of a Debian that starts without a network and that a BIOS can boot. */
const PACKAGES = ['linux-image-cloud-amd64', 'systemd-sysv', 'grub-pc-bin', 'grub-common'];

/** A quarter of it stays free. */
const PARTITION_MEBIBYTES = 420;

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
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'vm-disk-'));
  try {
    await makeRoot(suite, folder);
    await makePartition(folder, file);
    const boot = readFileSync(join(folder, 'boot.img'));
    const core = readFileSync(join(folder, 'core.img'));
    writeAtStart(file, bootArea(boot, core, (PARTITION_MEBIBYTES * MEBIBYTE) / SECTOR));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Leaves `root.tar`, and beside it GRUB's `boot.img` and `core.img`. */
async function makeRoot(suite: string, folder: string): Promise<void> {
  const unused = ['doc', 'man', 'locale'].map(
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

/** fakeroot keeps the owners of files where this process is not root. */
async function makePartition(folder: string, file: string): Promise<void> {
  const script = [
    'set -e',
    'mkdir root',
    'tar --extract --numeric-owner --exclude="./dev/*" --file root.tar --directory root',
    `"$1" -q -F -t ext4 -E "offset=${PARTITION_START * SECTOR}" -d root "$2" ${PARTITION_MEBIBYTES}M`,
  ].join('\n');
  const isRoot = process.getuid?.() === 0;
  const shell = ['sh', '-c', script, 'sh', findCommand('mke2fs') ?? 'mke2fs', file];
  const [command = 'sh', ...args] = isRoot ? shell : ['fakeroot', ...shell];
  await runCommand(command, args, { cwd: folder });
}

function writeAtStart(file: string, bytes: Buffer): void {
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(handle);
  }
}

/** Bytes of a sector of a disk. */
const SECTOR = 512;

/** The sector that the one partition begins at, as partitioning programs have it: 1 MiB. */
const PARTITION_START = 2048;

const PARTITION_TABLE = 446;

/** The bytes of a boot sector that may be code. */
const CODE_BYTES = 440;

/** The cylinder fields of a start or an end that has sector numbers only, as on all disks above 8 GB. */
const NO_CYLINDERS = [0xfe, 0xff, 0xff];

/**
 * The area before the partition of a disk that a BIOS boots: a boot sector with a partition table, and
 * GRUB after it. `boot` is GRUB's `boot.img`, which goes on reading at the second sector; `core` is the
 * output of grub-mkimage. `sectors` is the partition's size. Throws a RangeError if GRUB does not fit.
 */
export function bootArea(boot: Buffer, core: Buffer, sectors: number): Buffer {
  const area = Buffer.alloc(PARTITION_START * SECTOR);
  if (core.length > area.length - SECTOR) throw new RangeError('GRUB is too large for its place');
  boot.copy(area, 0, 0, CODE_BYTES);
  area.set([0x80, ...NO_CYLINDERS, 0x83, ...NO_CYLINDERS], PARTITION_TABLE); // Active, and Linux.
  area.writeUInt32LE(PARTITION_START, PARTITION_TABLE + 8);
  area.writeUInt32LE(sectors, PARTITION_TABLE + 12);
  area.writeUInt16BE(0x55aa, SECTOR - 2);
  core.copy(area, SECTOR);
  return area;
}
