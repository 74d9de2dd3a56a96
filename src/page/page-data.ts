/** What the page shows, as JSON: equal values give equal bytes. Times are days in UTC, sizes are bytes. */
export interface PageData {
  /** The day that ages and forecasts count from, `YYYY-MM-DD`. */
  readonly day: string;
  /** `registry/prefix`, below which the images are. */
  readonly registry: string;
  /** Those of the catalog in its order, then the other images of the registry and of branches, by name. */
  readonly images: readonly PageImage[];
  /** In the order of the retention file's sources, then of the branches. */
  readonly branches: readonly PageBranch[];
  readonly cleanUp: PageCleanUp;
  /** The size of all that is there now, by the day of its upload, and what clean-ups leave of it on later days. */
  readonly sizes: readonly { readonly day: string; readonly bytes: number }[];
  /** What could not be read, a sentence each: the page is incomplete. */
  readonly warnings: readonly string[];
  /** What could not be read. */
  readonly unread?: readonly ('registry' | 'branches')[];
  /** Dangers, and what was not looked up, a sentence each. */
  readonly notes?: readonly string[];
}

export interface PageCleanUp {
  /** Whether clean-ups delete nothing as yet. */
  readonly isDryRun: boolean;
  /** The first day on which one frees something; absent where none does. */
  readonly next?: { readonly day: string; readonly versions: number; readonly bytes: number };
}

/**
 * `missing`: the registry lacks the version of the catalog, or one that a branch needs; `stale base`: the publisher of the
 * base or the disk has a newer one; `unknown`: the registry could not be read.
 */
export type ImageState = 'published' | 'missing' | 'endangered' | 'stale base' | 'unknown';

export interface PageImage {
  readonly name: string;
  /** Absent for an image that the catalog no longer has. */
  readonly declared?: {
    readonly kind: string;
    /** What runs of it, whoever has built it; absent where the kind says so. */
    readonly holds?: 'container' | 'vm-disk';
    /** The commands that show that a container is up; absent where its systemd does, which needs privileges. */
    readonly verify?: readonly string[] | undefined;
    readonly distribution: string;
    readonly version: string;
    readonly platforms: readonly string[];
    readonly place: PagePlace;
    /** The immutable tag of the catalog's build inputs. */
    readonly tag: string;
  };
  /** The most urgent first; never empty. */
  readonly states: readonly ImageState[];
  /** Each branch that needs a version, once. */
  readonly neededBy: readonly PageBranchName[];
  /** The size of all versions. What several of them are known to share counts once. */
  readonly bytes: number;
  /** The newest first. */
  readonly versions: readonly PageVersion[];
}

export interface PageBranchName {
  readonly source: string;
  readonly branch: string;
}

/** A line of a file; `url` shows it where the repository has a web address. */
export interface PagePlace {
  readonly file: string;
  readonly line?: number;
  readonly url?: string;
}

export interface PageVersion {
  readonly digest: string;
  /** The immutable tag; absent where only others are left. */
  readonly tag?: string;
  /** Those that people pull by: `latest`, and aliases of branches. */
  readonly aliases: readonly string[];
  /** Absent where nothing says when. */
  readonly published?: string;
  /** All platforms and attachments, layers once that several are known to share. */
  readonly bytes: number;
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
  /** `unknown`: not all branches could be read. */
  readonly verdict: 'keep' | 'delete' | 'unknown';
  /** From which day a clean-up deletes it if nothing else changes; absent: never. */
  readonly goesAt?: string;
  /** The most telling first; never empty. */
  readonly reasons: readonly PageReason[];
  /** What was read from the image in the registry; absent where it was not read. */
  readonly details?: PageDetails;
}

export interface PageReason {
  /** Such as `needed by`: branch and place follow it. */
  readonly text: string;
  readonly branch?: PageBranchName;
  readonly place?: PagePlace;
  /** How many places of the branch need it beside this one; the branch's page has them. */
  readonly otherPlaces?: number;
  /** Since which day it holds, where that is known. */
  readonly since?: string;
}

export interface PageDetails {
  readonly labels: Readonly<Record<string, string>>;
  /** Build input → what it was, as text for people. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What differs from a version before: inputs and packages, a line each; absent for the oldest. */
  readonly changes?: readonly string[];
  /** How many changes there are beside these. */
  readonly otherChanges?: number;
  /** The digest of the version that they are compared with: the one before, or the next before it that was read. */
  readonly before?: string;
  /** Packages by platform: their number, or why they are unknown. */
  readonly packages: Readonly<Record<string, string>>;
  readonly signature: PageCheck;
  readonly provenance: PageCheck;
  /** Absent where no verification is known. */
  readonly verification?: PageVerification;
}

export interface PageCheck {
  readonly state: 'ok' | 'missing' | 'wrong' | 'unknown';
  /** Who signed, which level, or why not. */
  readonly text: string;
}

export interface PageVerification {
  readonly isUp: boolean;
  /** What showed that it is up, or why it is not. */
  readonly text: string;
  readonly day: string;
  /** The end of its console. */
  readonly console: readonly string[];
}

export interface PageBranch extends PageBranchName {
  /** The web address of the branch's repository, where it has one. */
  readonly url?: string;
  readonly needs: readonly PageNeed[];
}

export interface PageNeed {
  readonly image: string;
  /** The tag or the digest that the branch names. */
  readonly wanted: string;
  readonly places: readonly PagePlace[];
  /** The digest that the branch gets; absent where there is none. */
  readonly gets?: string;
  /** `unknown`: the registry could not be read. */
  readonly state: 'there' | 'endangered' | 'missing' | 'not yet published' | 'unknown';
}
