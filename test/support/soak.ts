import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

// `npm run soak`: every test with random or large input, at full length, from a seed that is drawn now.
// `npm run soak -- --seed N` repeats one.
const { seed = String(randomInt(2 ** 31)) } = parseArgs({
  options: { seed: { type: 'string' } },
}).values;
const files = globSync('test/**/*.test.ts').filter((file) =>
  /long-haul\.ts|expect-explained\.ts|'fast-check'/.test(readFileSync(file, 'utf8')),
);
const again = `seed ${seed}; to repeat it: npm run soak -- --seed ${seed}`;
console.log(again);
const { status } = spawnSync('vitest', ['run', ...files], {
  stdio: 'inherit',
  env: { ...process.env, SOAK_SEED: seed },
});
console.log(again);
process.exitCode = status ?? 1;
