import type { Reporter, TestModule } from 'vitest/node';

/** Prints at the end, for each test that failed, the command that runs it alone. */
export class RerunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const commands = modules.filter((module) => !module.ok()).flatMap(commandsOf);
    if (commands.length === 0) return;
    console.error(['', 'To run what failed again:', ...commands, ''].join('\n'));
  }
}

function commandsOf(module: TestModule): readonly string[] {
  const file = `  npm test -- ${module.relativeModuleId}`;
  const failed = [...module.children.allTests('failed')];
  // The tests of an engine file follow on one another. A hook or an import that fails has no test.
  if (module.project.name === 'engine' || failed.length === 0) return [file];
  return failed.map(({ fullName }) => `${file} -t ${quoted(asPattern(fullName))}`);
}

/** `-t` takes a regular expression. */
function asPattern(text: string): string {
  return `^${text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
