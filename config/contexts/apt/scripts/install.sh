#!/bin/sh
# Installs packages as of the day $SNAPSHOT, and makes the image fit to boot:
#   install.sh package...
# Two builds of the same inputs give the same layer, to the byte: what depends on when or where this
# ran is emptied, and files that it made have the time $SOURCE_DATE_EPOCH. Nothing of the base is
# deleted, since the mark of a deleted file has a time too. Without a snapshot packages are today's.
#
# Needs an empty /tmp that is not part of the image, which would show when it was last written to.
set -eu

work=$(mktemp -d)
# apt checks signatures as a user of its own, who reads this configuration too.
chmod 755 "$work"
sh "$(dirname "$0")/dated-sources.sh" "$work"

# The image's own sources stay as they are: a job that runs `apt-get update` wants today's packages.
export APT_CONFIG="$work/apt.conf"
export DEBIAN_FRONTEND=noninteractive
apt-get update
# A build that is cut off leaves no layer, so nobody need wait for the disk (half of the time).
apt-get install --yes --no-install-recommends --option Dpkg::Options::=--force-unsafe-io "$@"
apt-get clean

sh "$(dirname "$0")/boot-in-container.sh"
sh "$(dirname "$0")/keys-at-first-boot.sh"

find /var/lib/apt/lists -type f ! -name lock -delete
# Logs hold times, and the linker's second cache inodes.
find /var/log -type f -size +0 -exec truncate --size=0 {} +
truncate --no-create --size=0 /var/cache/ldconfig/aux-cache

# Only what this script changed (-cnewer): touching a file of the base would copy it to this layer.
[ -n "${SOURCE_DATE_EPOCH:-}" ] || exit 0
find / -xdev \
    \( -path /dev -o -path /proc -o -path /sys -o -path /mnt -o -path /tmp \
    -o -path /etc/hosts -o -path /etc/hostname -o -path /etc/resolv.conf \) -prune \
    -o -cnewer "$work/apt.conf" -newermt "@$SOURCE_DATE_EPOCH" \
    -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
