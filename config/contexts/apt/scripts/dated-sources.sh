#!/bin/sh
# Writes apt's sources as of the day $SNAPSHOT (YYYY-MM-DD), and a configuration that uses them:
#   dated-sources.sh directory [root]
# makes `sources.list`, `sources.list.d/`, `preferences.d/` and `apt.conf` in the directory from the
# sources and preferences below the root, which stay as they are. Without a snapshot they are the same.
#
# $DEBIAN_SNAPSHOTS and $UBUNTU_SNAPSHOTS are the addresses of the dated archives. For all other
# sources (a third party's, a derived distribution's) none is known: they are taken as of today, and
# the log of the build says so. A base of Debian or Ubuntu itself without any source that can be dated
# is refused: it would quietly give other packages each day.
set -eu

work=$1
root=${2:-}
stamp=
[ -z "${SNAPSHOT:-}" ] || stamp=$(echo "$SNAPSHOT" | tr -d -)T000000Z

fail() {
    echo "dated-sources.sh: $1" >&2
    exit 1
}

# Prints the rule of sed that turns a live archive's address (an expression) into its dated one.
rule() {
    case $2 in
    '') return ;;
    *[!A-Za-z0-9.:/_~-]*) fail "$2 is no plain address of an archive" ;;
    esac
    printf '%s\n' "s,https?://$1/?([[:space:]]|\$),${2%/}/$3\\1,g"
}

# A dated archive's lists are signed as ever, but run out after some days (Valid-Until).
rules() {
    echo '/^(deb|deb-src)[[:space:]]|^uris:/I!b'
    rule 'deb\.debian\.org/debian' "$DEBIAN_SNAPSHOTS" "debian/$stamp"
    rule 'deb\.debian\.org/debian-security' "$DEBIAN_SNAPSHOTS" "debian-security/$stamp"
    rule 'security\.debian\.org/debian-security' "$DEBIAN_SNAPSHOTS" "debian-security/$stamp"
    rule 'security\.debian\.org' "$DEBIAN_SNAPSHOTS" "debian-security/$stamp"
    rule '[a-z0-9.-]*archive\.ubuntu\.com/ubuntu' "$UBUNTU_SNAPSHOTS" "$stamp"
    rule 'security\.ubuntu\.com/ubuntu' "$UBUNTU_SNAPSHOTS" "$stamp"
    rule 'ports\.ubuntu\.com/ubuntu-ports' "$UBUNTU_SNAPSHOTS" "$stamp"
    cat <<'RULES'
t dated
b
:dated
s/^uris:/Check-Valid-Until: no\n&/I
t
s/^(deb|deb-src)[[:space:]]+\[/\1 [check-valid-until=no /
t
s/^(deb|deb-src)[[:space:]]+/\1 [check-valid-until=no] /
RULES
}

# Prints the sources that are in force, one a line.
sources() {
    find "$work/sources.list" "$work/sources.list.d" -type f \
        -exec grep -hiE '^((deb|deb-src)[[:space:]]|uris:)' {} + || true
}

# What can't be dated is named, or refused where it is everything.
check() {
    address=
    # shellcheck source=/dev/null
    case $(. "$root/etc/os-release" && echo "$ID") in
    debian) address=$DEBIAN_SNAPSHOTS ;;
    ubuntu) address=$UBUNTU_SNAPSHOTS ;;
    esac
    if [ -n "$address" ] && ! sources | grep -qF "/$stamp"; then
        fail "none of the base's sources is known to have a dated archive.
    Give the build argument DEBIAN_SNAPSHOTS or UBUNTU_SNAPSHOTS an empty value to take today's packages:
$(sources)"
    fi
    # A line that holds a dated address may hold others, too: then these are left of it.
    sources | sed -E "/\\/$stamp/{s,[[:space:]][^[:space:]]+/$stamp,,g;/:\\//!d}" |
        sed 's/^/dated-sources.sh: as of today: /' >&2
}

# Prints the hosts of the dated sources, one a line; an empty one for a folder.
dated_hosts() {
    sources | tr -s '[:space:]' '\n' | grep -F "/$stamp" |
        sed -E 's,^[a-z+]+:(//([^/@]*@)?([^/:]*))?.*,\3,' | sort -u
}

# A base may be newer than the snapshot. What is to be installed can then depend on exactly the
# version of a library that the archive had, where the base has a later one: apt says "unmet
# dependencies". So the dated archive decides: above 1000 is what apt goes back to an older version for
# (apt_preferences(5)). It does so with what was asked for and what that can't do without; all else
# stays as the base has it.
#
# Suites that nothing comes from unasked must not rise with the rest (Ubuntu's bases have backports).
# The first rule that fits a source counts, and so the base's own come before these.
preferences() {
    cat <<'UNASKED'
Package: *
Pin: release o=/^(Debian|Ubuntu)/, a=/-backports|-proposed$|^experimental$/
Pin-Priority: 100
UNASKED
    dated_hosts | while read -r host; do
        printf '\nPackage: *\nPin: origin "%s"\nPin-Priority: 1001\n' "$host"
    done
}

# To remove a package of the base is no way to install another: one that does need a later version
# than the archive had fails the build.
prefer_dated() {
    preferences >"$work/preferences.d/zz-dated"
    cat <<CONFIGURATION
Dir::Etc::PreferencesParts "$work/preferences.d";
APT::Get::allow-downgrades "true";
APT::Get::Remove "false";
CONFIGURATION
}

mkdir "$work/sources.list.d" "$work/preferences.d"
: >"$work/sources.list"
if [ -n "$stamp" ]; then rules >"$work/rules"; else : >"$work/rules"; fi
apt=$root/etc/apt
for file in "$apt/sources.list" "$apt"/sources.list.d/*.list "$apt"/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed -Ef "$work/rules" "$file" >"$work/${file#"$apt/"}"
done
for file in "$apt"/preferences.d/*; do
    [ ! -f "$file" ] || cp "$file" "$work/preferences.d/"
done
[ -z "$stamp" ] || check

# Signed lists are what is trusted, and not the connection: bases have no certificates yet, should
# one of these services send http on to https.
cat >"$work/apt.conf" <<CONFIGURATION
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/sources.list.d";
Acquire::Retries "5";
Acquire::https::snapshot.debian.org::Verify-Peer "false";
Acquire::https::snapshot.ubuntu.com::Verify-Peer "false";
CONFIGURATION
if [ -n "$stamp" ] && sources | grep -qF "/$stamp"; then prefer_dated >>"$work/apt.conf"; fi
