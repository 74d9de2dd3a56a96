import { pick, runs, tell, type Event } from './history.ts';
import { isImmutable, tagOf } from './world.ts';

// What people and machines do to the registry, the state and the runs. Numbers choose among what there is.

export function moveTag(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const { registry } = world;
    const version = pick(registry.versions(), a);
    const tag = pick(version?.tags ?? [], b);
    if (version === undefined || tag === undefined) return false;
    const { packageName: image, digest } = version;
    const others = registry
      .versions()
      .filter((each) => each.packageName === image && each.digest !== digest);
    const other = pick(others, b)?.digest;
    if (other === undefined) return false;
    registry.of(image).tags.set(tag, other);
    truth.moveByHand(image, tag, other);
    const [from, to] = [truth.name(digest), truth.name(other)];
    return tell(history, `somebody moves ${wordFor(tag)} from ${from} to ${to}`);
  };
}

export function removeTag(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const version = pick(world.registry.versions(), a);
    const tag = pick(version?.tags ?? [], b);
    if (version === undefined || tag === undefined) return false;
    const { packageName: image, digest } = version;
    world.registry.of(image).tags.delete(tag);
    truth.moveByHand(image, tag, undefined);
    return tell(history, `somebody removes ${wordFor(tag)} from ${truth.name(digest)}`);
  };
}

function wordFor(tag: string): string {
  return isImmutable(tag) ? 'the immutable tag' : tag.slice(0, 30);
}

/** An image that no run has built, under a tag that a run may want: of a branch, of the next build, or of neither. */
export function plantTag(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const image = pick(Object.keys(world.branches.get('main')?.catalog ?? {}), a);
    if (image === undefined) return false;
    const tags = ['release-1.0', 'release-1.1', 'mine', tagOf(image, world.newestInputs + 1)];
    const tag = pick(tags, b) ?? 'mine';
    world.builds += 1;
    const digest = world.registry.push(image, { build: String(world.builds) }, tag);
    world.names.set(digest, `${image} ${world.builds}`);
    truth.moveByHand(image, tag, digest);
    return tell(history, `somebody pushes ${truth.name(digest)} as ${wordFor(tag)}`);
  };
}

/** A signature by cosign's tag. */
export function sign(a: number): Event {
  return (history) => {
    const { world, truth } = history;
    const version = pick(world.registry.versions(), a);
    if (version === undefined) return false;
    const { packageName: image, digest } = version;
    const tag = `sha256-${digest.slice('sha256:'.length)}.sig`;
    world.builds += 1;
    const signature = world.registry.push(image, { build: String(world.builds) }, tag);
    world.names.set(signature, `${image} ${world.builds}`);
    truth.attachments.attach({ image, tag, owner: digest, digest: signature });
    return tell(history, `somebody signs ${truth.name(digest)} by ${truth.name(signature)}`);
  };
}

export function deleteVersion(a: number): Event {
  return (history) => {
    const { world, truth } = history;
    const version = pick(world.registry.versions(), a);
    if (version === undefined) return false;
    world.registry.lose(version.packageName, version.digest);
    truth.deleteByHand(version.packageName, version.digest);
    return tell(history, `somebody deletes ${truth.name(version.digest)}`);
  };
}

export function killRun(a: number, b: number): Event {
  const fault = { kind: 'killed', afterWrites: a % 6 } as const;
  const what = `a run is killed after ${fault.afterWrites} writes`;
  return (history) => runs(history, what, { refresh: b % 2 === 0, fault });
}

export function answerFalsely(a: number, b: number): Event {
  const kind = (['not found', 'empty listing', 'half a listing'] as const)[b % 3] ?? 'not found';
  const fault = { kind, at: a % 12 } as const;
  const what = `the night's run, whose response ${fault.at} of the registry is a false "${kind}"`;
  return (history) => runs(history, what, { refresh: true, fault });
}

export function clockIsWrong(a: number, b: number): Event {
  const skew = a % 2 === 0 ? 60 : -60;
  const what = `a run whose clock is 60 days ${skew > 0 ? 'fast' : 'slow'}`;
  return (history) => runs(history, what, { refresh: b % 4 !== 0, skew });
}

export function loseState(): Event {
  return (history) => {
    history.world.state = new Map();
    history.truth.loseState();
    return tell(history, 'the state is lost');
  };
}

export function restoreState(a: number): Event {
  return (history) => {
    const { world } = history;
    const back = 1 + (a % 4);
    const backup = world.backups.at(-back);
    if (backup === undefined) return false;
    world.state = new Map(backup.state);
    history.truth.loseState(backup.at);
    return tell(history, `the state from before the last ${back} runs is restored`);
  };
}
