#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does a new user's first try work? Makes a fresh Debian 12 root in FOLDER, clones this checkout into
# it and runs there, one after another, the commands of the README's first code block.
#   tools/bare_root_test.sh FOLDER [how many of the commands, default all]
# Takes the package mirror and the proxies from this machine's apt configuration. Exits 77 where it
# cannot run. FOLDER must not exist yet, and stays for a look; remove it with rm -rf when done.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 FOLDER [HOW_MANY_COMMANDS]" >&2; exit 2; }
root=$1
limit=${2:-99}
[ "$(id -u)" -eq 0 ] || { echo "skipped: making a root file system needs root" >&2; exit 77; }
command -v debootstrap > /dev/null || { echo "skipped: debootstrap is not installed" >&2; exit 77; }
[ ! -e "$root" ] || { echo "$root exists already; name a new folder" >&2; exit 2; }
checkout=$(cd "$(dirname "$0")/.." && pwd)

mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
  awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || { echo "skipped: apt knows no mirror of Debian 12 here" >&2; exit 77; }

begin=$(date +%s)
debootstrap --variant=minbase --include=ca-certificates,git bookworm "$root" "$mirror" > "$root.log" 2>&1 ||
  { tail -20 "$root.log"; exit 1; }
root=$(cd "$root" && pwd)
echo "Debian 12 root: $(($(date +%s) - begin)) s"

# How this machine reaches packages. Passwords of repositories stay behind.
apt-config dump | grep -E '^Acquire::(http|https|Retries|Check-Valid-Until)' \
  > "$root/etc/apt/apt.conf.d/90bare-root" || true
rm -f "$root/etc/apt/sources.list"
for name in sources.list sources.list.d preferences.d keyrings trusted.gpg.d; do
  [ ! -e "/etc/apt/$name" ] || cp -a "/etc/apt/$name" "$root/etc/apt/"
done
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
git -c safe.directory='*' clone -q "$checkout" "$root/davy"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
trap 'umount -R "$root/dev"; umount "$root/proc"' EXIT

# The lines of the first fenced block, without prompts.
mapfile -t commands < <(awk '/^```/ { if (inside) exit; inside = 1; next } inside { sub(/^\$ /, ""); print }' \
  "$root/davy/README.md")
[ ${#commands[@]} -gt 0 ] || { echo "README.md has no code block" >&2; exit 1; }

failed=0
for command in "${commands[@]:0:$limit}"; do
  [ -n "$command" ] || continue
  echo
  echo "\$ $command"
  begin=$(date +%s)
  status=0
  chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    /bin/bash -c "cd /davy && $command" > "$root/davy.log" 2>&1 || status=$?
  tail -15 "$root/davy.log"
  echo "exit $status after $(($(date +%s) - begin)) s"
  [ "$status" -eq 0 ] || failed=1
done
exit "$failed"
