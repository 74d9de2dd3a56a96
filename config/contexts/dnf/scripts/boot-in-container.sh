#!/bin/sh
# Makes an image fit to boot systemd in a container.
#
# The same file in the context of every package family, since a build sees no context but its own. Units
# that a distribution doesn't have may be masked as well.
set -eu

units=/etc/systemd/system
mkdir -p "$units"

# Prints the names of units, one a line.
units_of_a_machine() {
    # A privileged container sees the devices, consoles and file systems of the machine that it runs on.
    echo systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket
    echo systemd-udevd-varlink.socket systemd-udev-trigger.service systemd-udev-settle.service
    echo getty.target getty@.service serial-getty@.service console-getty.service
    echo systemd-vconsole-setup.service systemd-firstboot.service
    echo systemd-remount-fs.service dev-hugepages.mount sys-fs-fuse-connections.mount
    echo sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount
    echo systemd-binfmt.service proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount
    echo systemd-journald-audit.socket
    # What runs containers gives them their network and names.
    echo systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service
    echo systemd-networkd-varlink.socket systemd-resolved.service
    # In the background they hold the lock that a job's own installation then waits for, or fails at.
    echo apt-daily.timer apt-daily-upgrade.timer dnf-makecache.timer
}

for unit in $(units_of_a_machine); do
    ln -sf /dev/null "$units/$unit"
done

# Each container is to make an id of its own. An empty file says so; where there is none, systemd takes the
# boot for an installation.
: >/etc/machine-id
if [ -d /var/lib/dbus ]; then
    ln -sf /etc/machine-id /var/lib/dbus/machine-id
fi
