import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineVariables } from '../../infra/pipeline/steps.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

/** A program with so many resources that are nothing, in a stack of the same checkout's engine; returns its folder. */
export async function makeBareProgram(
  count: number,
  checkout: TestCheckout,
  folder: string,
): Promise<string> {
  const root = join(folder, 'bare');
  mkdirSync(root);
  symlinkSync(join(checkout.root, 'node_modules'), join(root, 'node_modules'));
  const settings = 'name: bare\nruntime: { name: nodejs, options: { typescript: false } }\n';
  writeFileSync(join(root, 'Pulumi.yaml'), settings);
  writeFileSync(join(root, 'package.json'), '{ "type": "module", "main": "index.js" }');
  // The stack itself is one, too.
  writeFileSync(
    join(root, 'index.js'),
    `import pulumi from '@pulumi/pulumi';
for (let at = 1; at < ${count}; at += 1) new pulumi.ComponentResource('bench:index:Bare', 'bare-' + at);
`,
  );
  await runIn(root, checkout, ['stack', 'init', 'sandbox']);
  return root;
}

/** Makes a state with one write: how long that takes is of no interest. */
export async function fill(root: string, checkout: TestCheckout): Promise<void> {
  await runIn(root, checkout, up(), { PULUMI_SKIP_CHECKPOINTS: 'true' });
}

/** Runs the engine in a folder as `npm run pulumi` and the pipelines do, and returns its standard output. */
export async function runIn(
  root: string,
  checkout: TestCheckout,
  args: readonly string[],
  variables = engineVariables(args),
): Promise<string> {
  const { code, output, stdout } = await checkout.run('pulumi', ['-C', root, ...args], variables);
  if (code !== 0) throw new Error(output);
  return stdout;
}
