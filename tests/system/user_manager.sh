# A systemd user manager without systemd as the first process: it wants to see /run/systemd/system, a cgroup of its own and a
# runtime folder. For `unshare --mount bash user_manager.sh COMMAND…` as root: the command runs beside the manager.
set -e
mkdir -p /run/systemd "$XDG_RUNTIME_DIR"
mount -t tmpfs none /run/systemd && mkdir /run/systemd/system
umount -l /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/drumwatch-test-$$
echo $$ > /sys/fs/cgroup/drumwatch-test-$$/cgroup.procs
/lib/systemd/systemd --user --unit=basic.target --log-target=console 2>"$XDG_RUNTIME_DIR/systemd.log" &
trap "kill -KILL $!" EXIT  # an orderly exit would wait for units that this world does not have
for _ in $(seq 100); do systemctl --user is-active -q basic.target 2>/dev/null && break; sleep 0.1; done
"$@"
