#!/bin/sh
# Has each container make SSH's host keys when its server starts first. Debian's package makes them when it
# is installed: they would be the same in every container, and public.
set -eu

rm -f /etc/ssh/ssh_host_*
mkdir -p /etc/systemd/system/ssh.service.d
cat >/etc/systemd/system/ssh.service.d/host-keys.conf <<'UNIT'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
UNIT
