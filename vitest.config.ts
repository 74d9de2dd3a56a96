import { defineConfig } from 'vitest/config';
import { RerunReporter } from './test/support/rerun-reporter.ts';

/** Unit tests that start processes, read much or try many cases: too slow for the gate, which is run all the time. */
const SLOW = 'test/**/*.slow.test.ts';

/** All projects in one run, so that the closing lines count every test there is. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/engine/**', SLOW],
        },
      },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['test/engine/**/*.test.ts'],
          globalSetup: ['test/engine/global-setup.ts'],
          testTimeout: 900_000,
        },
      },
    ],
    // One more than the smallest machine has cores: engine tests also wait, for Docker and for time to pass.
    maxWorkers: 3,
    // Modules are loaded once for a worker, not once for each file.
    isolate: false,
    setupFiles: ['test/support/seed.ts'],
    unstubEnvs: true,
    unstubGlobals: true,
    // Many times what the slowest takes, for machines that are busy with other things.
    testTimeout: 120_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', new RerunReporter()],
  },
});
