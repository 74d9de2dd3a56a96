import { expect, test } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { runImages } from '../../src/cli/run-images.ts';

async function verify(...args: readonly string[]) {
  let stderr = '';
  const status = await runImages(['verify', ...args], {
    root: checkout({}),
    out: () => undefined,
    err: (text) => (stderr += text),
  });
  return { status, stderr };
}

test('verify names the image that was meant, before any registry is asked', async () => {
  const { status, stderr } = await verify('debian-21');
  expect(status).toBe(1);
  expect(stderr).toContain('UNKNOWN_IMAGE');
  expect(stderr).toMatch(/there is no image "debian-21"; .*debian-12/);
});

test('verify wants a name, and whole seconds of at most a day', async () => {
  expect((await verify()).status).toBe(2);
  for (const timeout of ['0', '-1', '1.5', 'ten', '86401', '']) {
    const { status, stderr } = await verify('debian-12', '--timeout', timeout);
    expect(status).toBe(2);
    expect(stderr).toContain('whole seconds');
  }
});
