import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import type { TestCheckout } from '../support/test-checkout.ts';

/** How many there are. */
export const DISKS = 8;

const MEBIBYTE = 1024 ** 2;

/** A disk's number → its SHA-256. The disks differ in their last piece alone, so that one file makes all. */
type Sums = readonly string[];

/** A disk as distributions publish them: no compression makes it smaller. */
export async function makeDisks(
  folder: string,
  mib: number,
): Promise<{ file: string; sums: Sums }> {
  const [raw, file] = [join(folder, 'raw'), join(folder, 'disk.qcow2')];
  execFileSync('sh', ['-c', `head -c ${mib * MEBIBYTE} /dev/urandom > ${raw}`]);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, file]);
  rmSync(raw);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { end: false });
  const sums = Array.from({ length: DISKS }, (_, at) =>
    hash
      .copy()
      .update(endOf(at + 1))
      .digest('hex'),
  );
  return { file, sums };
}

/** The last bytes of a disk, after the end of its last cluster. */
function endOf(number: number): Buffer {
  return Buffer.alloc(65_536, `disk ${number}`);
}

export function serveDisks(file: string): Promise<LoopbackServer> {
  const { size } = statSync(file);
  return startLoopbackServer(0, ({ method, url = '' }, response) => {
    const end = endOf(Number(/\d+/.exec(url)?.[0]));
    response.setHeader('content-length', size + end.byteLength);
    if (method === 'HEAD') return response.end();
    const whole = async function* () {
      yield* createReadStream(file, { highWaterMark: MEBIBYTE });
      yield end;
    };
    return pipeline(Readable.from(whole()), response).catch(() => undefined);
  });
}

export function declareDisks(checkout: TestCheckout, address: string, sums: Sums): void {
  const versions = sums.flatMap((sum, at) => [
    `      - version: "${at + 1}"`,
    `        url: http://${address}/debian-${at + 1}.qcow2`,
    `        checksum: sha256:${sum}`,
  ]);
  const head = ['  - kind: vm-disk', '    distribution: debian', '    versions:'];
  const text = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
  checkout.write('config/images.yml', `${text}${[...head, ...versions].join('\n')}\n`);
  checkout.commit();
}
