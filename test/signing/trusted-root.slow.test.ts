import { expect, test, vi } from 'vitest';
import { publicTrustedRoot } from '../../src/signing/trusted-root.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { startProxy } from '../support/proxy.ts';

test('the public root is requested through the proxy, and its absence says what to do', async () => {
  const proxy = await startProxy({ status: 403 });
  vi.stubEnv('HTTPS_PROXY', `http://${proxy.address}`);
  vi.stubEnv('NO_PROXY', '');
  await expect(publicTrustedRoot(temporaryFolder())).rejects.toThrow(
    /^SIGNING_UNREACHABLE {2}could not read the trusted root .*signingTrustedRoot/,
  );
  expect(proxy.asked).toContain('CONNECT tuf-repo-cdn.sigstore.dev:443');
});
