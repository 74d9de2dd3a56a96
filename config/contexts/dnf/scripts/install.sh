#!/bin/sh
# Installs packages, and makes the image fit to boot:
#   install.sh package...
# These distributions keep no archive as of a day, so packages are today's: a new date of the catalog does
# no more than build anew. What depends on when or where this ran is emptied as far as it can be, and files
# that it made have the time $SOURCE_DATE_EPOCH; rpm's database holds the time of the installation.
#
# Needs an empty /tmp that is not part of the image.
set -eu

start=$(mktemp)
dnf --assumeyes --setopt=install_weak_deps=False --setopt=tsflags=nodocs install "$@"
dnf --assumeyes clean all

sh "$(dirname "$0")/boot-in-container.sh"
# Its own units make the host keys that are missing.
systemctl enable sshd.service
rm -f /etc/ssh/ssh_host_*

# Logs hold times, and the linker's second cache inodes.
find /var/log -type f -size +0 -exec truncate --size=0 {} +
truncate --no-create --size=0 /var/cache/ldconfig/aux-cache

# Only what this script changed (-cnewer): touching a file of the base would copy it to this layer.
[ -n "${SOURCE_DATE_EPOCH:-}" ] || exit 0
find / -xdev \
    \( -path /dev -o -path /proc -o -path /sys -o -path /mnt -o -path /tmp \
    -o -path /etc/hosts -o -path /etc/hostname -o -path /etc/resolv.conf \) -prune \
    -o -cnewer "$start" -newermt "@$SOURCE_DATE_EPOCH" \
    -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
