// Runs a script of the project on the project's own Node, with the project's dependencies in place:
//
//     node infra/toolchain/bootstrap.mjs <script> [arguments]
//     node infra/toolchain/bootstrap.mjs --bin <program of node_modules/.bin> [arguments]
//
// Plain JavaScript without dependencies, for every Node that package.json's `engines` allows: it installs
// the dependencies, and one of them is the Node that runs the project.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const binaries = join(modules, '.bin');
/** npm's record of what it has installed. npm writes it last: an interrupted installation has none. */
const installedLock = join(modules, '.package-lock.json');
const lock = join(root, '.sandbox/npm-ci.lock');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

checkNode();
if (!isInstalled()) await install();
process.exitCode = await runProjectNode(process.argv.slice(2));

/** Ends this process where Node is too old for npm scripts of this project. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const oldest = engines.node.replace('>=', '');
  const [have, need] = [process.versions.node, oldest].map((version) => version.split('.'));
  if (Number(have[0]) >= Number(need[0])) return;
  console.error(`Node ${process.versions.node} is too old: install Node ${oldest} or newer.`);
  process.exit(1);
}

/** Checks each time, which takes a few milliseconds: a remembered result could be wrong. */
function isInstalled() {
  if (![join(binaries, 'node'), installedLock].every((file) => existsSync(file))) return false;
  const [wanted, installed] = [join(root, 'package-lock.json'), installedLock].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')).packages,
  );
  return Object.entries(wanted).every(([path, want]) => {
    if (path === '') return true;
    const found = installed[path];
    // Packages for other platforms are optional.
    if (found === undefined) return want.optional === true;
    const isSame = found.version === want.version && found.integrity === want.integrity;
    return isSame && existsSync(join(root, path));
  });
}

async function install() {
  // npm would remove the packages of another checkout.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error('node_modules is a link, to packages of another version: run npm ci there.');
    process.exit(1);
  }
  await takeLock();
  try {
    // Another run may have done it while this one waited.
    if (isInstalled()) return;
    const why = existsSync(modules) ? 'they are incomplete or out of date' : 'there are none yet';
    console.error(`Installing the dependencies with npm ci, half a minute: ${why}`);
    // npm goes on to the end of its installation when it is interrupted.
    const stdio = ['ignore', process.stderr, process.stderr];
    const options = { cwd: root, stdio, detached: true };
    const code = await run('npm', ['ci', '--loglevel=error'], options, ({ pid }) => {
      process.kill(-pid, 'SIGKILL');
    });
    if (code === 0 && isInstalled()) return;
    process.exitCode = code > 128 ? code : 1;
    if (code > 128) console.error('\nInterrupted: the next run installs the dependencies.');
    else if (code === 0)
      console.error('npm ci left node_modules incomplete. Remove it, try again.');
    else console.error('npm ci failed (see above). Correct that and run the same command again.');
  } finally {
    rmSync(lock, { force: true });
  }
  process.exit();
}

/** Waits for another run that installs: two must not install over each other. */
async function takeLock() {
  mkdirSync(join(root, '.sandbox'), { recursive: true });
  for (let isNoted = false; ; isNoted = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readHolder();
    if (holder === undefined) rmSync(lock, { force: true });
    else if (!isNoted)
      console.error(`Waiting for process ${holder}, which installs the dependencies`);
    await sleep(300);
  }
}

/** The process that holds the lock, if it still runs. */
function readHolder() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

function runProjectNode([first, ...rest]) {
  const isProgram = first === '--bin';
  const script = isProgram ? join(binaries, rest.shift() ?? '') : join(root, first ?? '');
  return run(join(binaries, 'node'), [script, ...rest], {
    stdio: 'inherit',
    env: {
      ...outsideHook(),
      ...directLoopback(),
      PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
}

/**
 * The environment without what git sets for a hook: it would lead every git below this process, also that of a
 * test, to the repository that the hook is for. The settings of the command line stay.
 */
function outsideHook() {
  const variables = Object.entries(process.env);
  if (!variables.some(([name]) => name.startsWith('GIT_'))) return process.env;
  const { stdout } = spawnSync('git', ['rev-parse', '--local-env-vars'], { encoding: 'utf8' });
  const local = (stdout ?? '').split('\n').filter((name) => !name.startsWith('GIT_CONFIG_'));
  return Object.fromEntries(variables.filter(([name]) => !local.includes(name)));
}

/**
 * NO_PROXY with the addresses of this machine, where there is a proxy: gRPC, by which the program talks to the
 * engine, and Google's library would go to the proxy with them. An asterisk, for all hosts, stays alone.
 */
function directLoopback() {
  const value = (name) => [process.env[name], process.env[name.toUpperCase()]].find(Boolean);
  if (!['grpc_proxy', 'http_proxy', 'https_proxy'].some(value)) return {};
  const direct = value('no_proxy')?.match(/[^\s,]+/g) ?? [];
  if (!direct.includes('*')) direct.push('localhost', '127.0.0.1', '::1');
  return { NO_PROXY: direct.join(','), no_proxy: direct.join(',') };
}

/** A terminal sends Ctrl-C to the child as well, and two of them mean "at once" to the engine. */
function passOn(child, signal) {
  if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
}

/** Runs a program to its end, passes signals on to it, and returns its exit code. */
function run(command, args, options, interrupt = passOn) {
  const child = spawn(command, args, options);
  const pass = (signal) => {
    interrupt(child, signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve) => {
    const end = (code) => {
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(error.message);
      end(1);
    });
    child.on('exit', (code, signal) => {
      end(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
