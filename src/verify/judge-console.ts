/** What a console says of the machine behind it. */
export type ConsoleVerdict =
  | { readonly booted: true; readonly sign: string }
  | { readonly booted: false; readonly reason: string };

/**
 * The kernel may print on where a prompt ends, and so may systemd, whose lines begin with a bracket or
 * with many spaces. A name before it tells it from a message about logins.
 */
const SIGNS = [
  { text: 'a login prompt', pattern: /^\S+ login:(?: *$| *\[| {8,})/m },
  { text: 'cloud-init has finished', pattern: /Cloud-init v\. \S+ finished at / },
] as const;

/** What a machine never comes back from by itself. */
const STOPS = [
  { text: 'the kernel panicked', pattern: /Kernel panic - not syncing/ },
  { text: 'the boot loader does not find its files', pattern: /^ *grub rescue>/m },
  { text: 'the boot loader has nothing to boot', pattern: /^ *grub>/m },
  { text: 'the firmware finds nothing to boot', pattern: /No bootable device/ },
  { text: 'the root file system was not found', pattern: /^\(initramfs\)|^dracut:\/#/m },
  { text: 'systemd gave up', pattern: /You are in (?:emergency|rescue) mode/ },
] as const;

/**
 * Whether a machine is up, or will never be, by all that its console has shown: without control
 * sequences, lines that end in a line feed. Absent while it is still under way.
 */
export function judgeConsole(text: string): ConsoleVerdict | undefined {
  const stop = STOPS.find(({ pattern }) => pattern.test(text));
  if (stop !== undefined) return { booted: false, reason: stop.text };
  const sign = SIGNS.find(({ pattern }) => pattern.test(text));
  return sign && { booted: true, sign: sign.text };
}

/** Whether nothing but the firmware has spoken yet: no boot loader, and no kernel. */
export function isInFirmware(text: string): boolean {
  return text.split('\n').every((line) => /^\s*$|SeaBIOS|iPXE|^Booting from/.test(line));
}
