import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { publicTrustedRoot } from '../../src/signing/trusted-root.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('the public root is requested through the proxy, and its absence says what to do', async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv('NO_PROXY', '');
  try {
    await expect(publicTrustedRoot(temporaryFolder())).rejects.toThrow(
      /^SIGNING_UNREACHABLE {2}could not read the trusted root .*signingTrustedRoot/,
    );
    expect(asked).toContain('tuf-repo-cdn.sigstore.dev:443');
  } finally {
    proxy.close();
  }
});
