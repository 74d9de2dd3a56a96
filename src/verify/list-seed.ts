import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIST_SCRIPT } from '../packages/package-list.ts';

/** The label by which cloud-init finds the drive of its data source NoCloud. */
const LABEL = 'cidata';

/**
 * What a machine does with its package list, which is the first argument: prints it packed, in numbered lines that
 * read-console.ts finds among others. The kernel prints to the same port and may tear any line, so that all of them
 * come twice. Prints before the login prompt, since getty takes the port from those who write to it.
 *
 * Afterwards the boot goes on as in a machine without data source. The later stages of cloud-init would wait for a
 * network, for two minutes in some systems, and have nothing to do.
 */
const PRINT = `
for console in /dev/ttyS0 /dev/console; do
  if ( : >"$console" ) 2>/dev/null; then
    exec >"$console"
    break
  fi
done
exec 2>/dev/null </dev/null
echo '<<packages begin>>'
pack=gzip
command -v gzip >/dev/null || pack=cat
packed=$(timeout 120 sh -c "$1" | $pack | base64 -w 76)
sum=$(printf %s "$packed" | sha256sum)
for pass in 1 2; do
  count=0
  for line in $packed; do
    echo "<<packages $count $line>>"
    count=$((count + 1))
  done
  echo "<<packages end $count \${sum%% *}>>"
done
systemctl --no-block stop cloud-init-network.service cloud-init.service cloud-config.service cloud-final.service
exit 0
`.trim();

/**
 * Of cloud-init's modules, only the one that runs commands: no user, no key and no password is made. It runs in the
 * stage before the network, since the machine has none (cloud-init, "NoCloud", `dsmode`).
 */
const FILES = {
  'meta-data': 'instance-id: verify\ndsmode: local\n',
  // JSON is YAML.
  'user-data': `#cloud-config\n${JSON.stringify({
    cloud_init_modules: ['bootcmd'],
    cloud_config_modules: [],
    cloud_final_modules: [],
    bootcmd: [['sh', '-c', PRINT, 'sh', LIST_SCRIPT]],
  })}\n`,
};

/**
 * Makes a folder with a seed for cloud-init, which has a machine print its package list, and returns the emulator's
 * options for a drive of it. A disk without cloud-init ignores that drive.
 */
export async function seedDrive(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  const options = [
    // vfat, as read-only as it is made from the folder.
    'file.driver=vvfat',
    `file.dir=${folder.replaceAll(',', ',,')}`,
    `file.label=${LABEL}`,
    'format=raw,if=virtio,readonly=on',
  ];
  return ['-drive', options.join(',')];
}
