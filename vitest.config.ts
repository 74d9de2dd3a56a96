import { defineConfig } from 'vitest/config';
import { RerunReporter } from './test/support/rerun-reporter.ts';

/** Unit tests that start processes or read much: too slow for the gate, which is run all the time. */
const SLOW = 'test/**/*.slow.test.ts';

/** In milliseconds: many times what the slowest takes, for machines that are busy with other things. */
const PATIENCE = 30_000;

/** All projects in one run, so that the closing lines count every test there is. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/engine/**', SLOW],
          // Modules are loaded once for a worker, not once for each file: half of the time was that.
          isolate: false,
          testTimeout: PATIENCE,
        },
      },
      { test: { name: 'slow', include: [SLOW], isolate: false, testTimeout: PATIENCE } },
      {
        test: {
          name: 'engine',
          include: ['test/engine/**/*.test.ts'],
          globalSetup: ['test/engine/global-setup.ts'],
          isolate: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
    maxWorkers: 3,
    unstubGlobals: true,
    unstubEnvs: true,
    reporters: ['default', new RerunReporter()],
  },
});
