import { pick, runs, tell, type Event } from './history.ts';
import { isImmutable, name, tagOf } from './world.ts';

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
  return isImmutable(tag) ? 'the immutable tag' : tag.slice(0, 45);
}

/** An image that no run has built, under a tag that a run may want: of a branch, of the next build, or of neither. */
export function plantTag(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const image = pick(Object.keys(world.branches.get('main')?.catalog ?? {}), a);
    if (image === undefined) return false;
    const tags = ['release-1.0', 'release-1.1', 'mine', tagOf(image, world.newestInputs + 1)];
    const tag = pick(tags, b) ?? 'mine';
    const digest = world.registry.push(image, { build: String(world.builds) }, tag);
    name(world, image, digest, 'planted');
    truth.moveByHand(image, tag, digest);
    return tell(history, `somebody pushes ${truth.name(digest)} as ${wordFor(tag)}`);
  };
}

/** An index of other versions, under a tag as above. */
export function plantIndex(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const { registry } = world;
    const first = pick(registry.versions(), a);
    if (first === undefined) return false;
    const { packageName: image } = first;
    const others = registry.versions().filter((each) => each.packageName === image);
    const members = [...new Set([first.digest, pick(others, b)?.digest ?? first.digest])];
    const tag = pick(['release-1.0', 'mine'], b) ?? 'mine';
    const manifests = members.map((digest) => ({ digest, platform: AMD64 }));
    const annotations = { build: String(world.builds) };
    const digest = registry.pushManifest(image, { schemaVersion: 2, manifests, annotations }, tag);
    name(world, image, digest, 'of others');
    truth.moveByHand(image, tag, digest);
    const what = members.map((member) => truth.name(member)).join(' and ');
    return tell(history, `somebody pushes ${truth.name(digest)}, ${what}, as ${wordFor(tag)}`);
  };
}

const AMD64 = { os: 'linux', architecture: 'amd64' };

/** Runs sign what they publish from now on, and what is published; or they do not any more. */
export function switchSigning(): Event {
  return (history) => {
    const { world } = history;
    world.signs = !world.signs;
    return tell(history, `runs ${world.signs ? 'sign' : 'do not sign'} from now on`);
  };
}

/** A signature by cosign's tag, a referrer, or a referrer in the index of those. */
export function sign(a: number, b: number): Event {
  return (history) => {
    const { world, truth } = history;
    const { registry } = world;
    const version = pick(registry.versions(), a);
    if (version === undefined) return false;
    const { packageName: image, digest } = version;
    const place = `sha256-${digest.slice('sha256:'.length)}`;
    // Only a registry that lists manifests knows what has no tag.
    const kind = registry.removal === 'tag' ? b % 3 : (b % 2) * 2;
    const tag = [`${place}.sig`, undefined, place][kind];
    const content = { build: String(world.builds), config: {} };
    const signature =
      kind === 0
        ? registry.pushManifest(image, content, tag)
        : registry.pushManifest(image, { ...content, subject: { digest } });
    name(world, image, signature, 'signature');
    if (kind === 2) {
      const manifests = [{ digest: signature }];
      const index = registry.pushManifest(image, { schemaVersion: 2, manifests }, place);
      name(world, image, index, 'of referrers');
      truth.attachments.attach({ image, tag, owner: digest, digest: index, holds: signature });
    }
    truth.attachments.attach({ image, tag, owner: digest, digest: signature });
    return tell(history, `somebody signs ${truth.name(digest)} by ${truth.name(signature)}`);
  };
}

/** Artifact Registry, as the one that removes tags, deletes nothing that an index names. */
export function deleteVersion(a: number): Event {
  return (history) => {
    const { world, truth } = history;
    const version = pick(world.registry.versions(), a);
    if (version === undefined) return false;
    if (world.registry.removal === 'tag' && version.indexes.length > 0) return false;
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
