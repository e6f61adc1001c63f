# The parts of package.sh, which sources this: each uses its claim, within, say, work, top, deb, version.
# shellcheck shell=bash

# next_deb FROM TO: the same package with the next version and new defaults in two conffiles.
next_deb() {
    dpkg-deb -R "$1" "$work/next" || exit 1
    sed -i "s/^Version: .*/Version: $version+next/" "$work/next/DEBIAN/control"
    local file
    for file in surged.toml team.toml; do echo "# a new default" >>"$work/next/etc/surged/$file"; done
    (cd "$work/next" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -b "$work/next" "$2" >/dev/null || exit 1
}

look_at_package() {
    dpkg-deb -x "$deb" "$work/out"
    local doc=$work/out/usr/share/doc/surged file
    for file in copyright changelog.gz README.Debian README.md CHANGELOG.md openapi.json examples/Containerfile; do
        claim "holds $file" test -s "$doc/$file"
    done
    for file in man1/surgectl.1.gz man7/surged-feed.7.gz man8/surged.8.gz; do claim "holds $file" test -s "$work/out/usr/share/man/$file"; done
    for file in bash-completion/completions/surgectl zsh/vendor-completions/_surgectl fish/vendor_completions.d/surgectl.fish; do
        claim "holds the completion $file" test -s "$work/out/usr/share/$file"
    done
    claim "every file of /etc is a conffile: an edited one is never overwritten" bash -c \
        "diff <(cd '$work/out' && find etc -type f -printf '/%p\n' | sort) <(dpkg-deb --ctrl-tarfile '$deb' | tar -xO ./conffiles | sort)"
    claim "copyright names every library that is compiled in" bash -c \
        "for name in CLI11 Boost expected cppzmq fmt date toml++ prometheus-cpp simdjson Unicode; do grep -qF \"\$name\" '$doc/copyright' || exit 1; done"
    if command -v lintian >/dev/null; then
        lintian --tag-display-limit 0 -EvIL +pedantic "$deb" >"$work/lintian.log" 2>&1
        claim "lintian has no error and no warning" bash -c "! grep -E '^[EW]:' '$work/lintian.log'"
        grep -E '^[IPXO]:' "$work/lintian.log" | sed 's/^/package: lintian /' | sort | uniq -c | sort -rn | head -n 20
    else
        say "skipped: lintian is not installed"
    fi
}

names_of_depends() { # the packages that this one depends on, in a row with commas
    dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/[(|].*//; s/ //g' | paste -sd,
}

plain_root() {
    local base=${SURGED_PACKAGE_ROOT:-$work/base}
    if [[ ! -x $base/usr/bin/dpkg ]]; then
        say "making a bookworm root without systemd (a few minutes)"
        debootstrap --variant=minbase --include="procps,$(names_of_depends)" bookworm "$base" >"$work/debootstrap.log" 2>&1 ||
            { tail -n 5 "$work/debootstrap.log"; say "skipped: no root file system could be made"; exit 77; }
    fi
    root=$work/root
    cp -a "$base" "$root"
    cp "$deb" "$root/root/surged.deb"
    cp "$work/next.deb" "$root/root/next.deb"
    [[ ! -e $root/run/systemd/system && ! -x $root/usr/bin/systemd-sysusers ]] && say "this root has no systemd" ||
        say "this root has parts of systemd: what is without systemd is not seen here"
}

# In the root, in a network of its own (loopback only, so that no port of this host is in the way).
inside() { unshare --net --mount --pid --fork sh -c "ip link set lo up; mount -t proc proc '$root/proc'; exec chroot '$root' \"\$@\"" inside "$@"; }
dpkg_inside() { DEBIAN_FRONTEND=noninteractive inside dpkg "$@"; }
mode_of() { [[ $(chroot "$root" stat -c '%a %U:%G' "$1") == "$2" ]]; }
state_of() { chroot "$root" dpkg-query -W -f='${Status}' surged 2>/dev/null; }
is_installed() { [[ $(state_of) == "install ok installed" ]]; }

without_systemd() {
    claim "installs without systemd" dpkg_inside -i /root/surged.deb
    claim "is configured" is_installed
    claim "has its user" chroot "$root" getent passwd surged
    claim "has /etc/surged for root and the group surged" mode_of /etc/surged "750 root:surged"
    claim "has team.toml that nobody else reads" mode_of /etc/surged/team.toml "640 root:surged"
    claim "has a folder for credentials" mode_of /etc/surged/credentials "700 root:root"
    claim "has a folder for the store" mode_of /var/lib/surged "700 surged:surged"
    claim "its configuration is right, as the user surged reads it" inside setpriv --reuid surged --regid surged --init-groups \
        surgectl check --config /etc/surged/surged.toml
    # One life of it as README.Debian starts it: healthy, reloads, ends. All in one network.
    cat >"$root/root/life.sh" <<'LIFE'
set -u
setpriv --reuid surged --regid surged --init-groups surged --config /etc/surged/surged.toml 2>/root/life.log &
pid=$!
for i in $(seq 100); do surgectl status --health >/dev/null 2>&1 && break; sleep 0.1; done
surgectl status --health || exit 11
surgectl status | grep -q ready || exit 12
before=$(grep -c event=reload /root/life.log)
kill -HUP $pid
for i in $(seq 50); do [ "$(grep -c event=reload /root/life.log)" -gt "$before" ] && break; sleep 0.1; done
[ "$(grep -c event=reload /root/life.log)" -gt "$before" ] || exit 13
kill -TERM $pid
start=$(date +%s)
wait $pid || exit 14
[ $(($(date +%s) - start)) -le 5 ] || exit 15
LIFE
    claim "runs without systemd as README.Debian says: healthy, reloads on SIGHUP, ends within 5 s of SIGTERM" inside sh /root/life.sh
    claim "its store is there, readable to nobody else" mode_of /var/lib/surged/surged.db "640 surged:surged"
    claim "says how, when the folder of its store is missing" bash -c \
        "chroot '$root' surged --config /etc/surged/surged.toml --store /var/lib/none/surged.db 2>&1 | grep -q 'install -d -m 0700 -o surged'"
    claim "the quickstart in the package runs and ends by itself" inside /usr/share/surged/quickstart --for 12
    claim "has every command that README.Debian names" bash -c \
        "grep -oE '^ +(surgectl [a-z]+( [a-z]+)?)' '$root/usr/share/doc/surged/README.Debian' | while read -r line; do chroot '$root' \$line --help >/dev/null || exit 1; done"
}

upgrade_and_removal() {
    local file
    for file in surged.toml rules.d/staffing.toml; do echo "# edited here" >>"$root/etc/surged/$file"; done
    echo "# ours" >"$root/etc/surged/rules.d/ours.toml"
    for file in credentials/sms.key feeds/pbx1.secret feeds/pbx1.env tokens tls.key; do echo "SECRET-MARK" >"$root/etc/surged/$file"; done
    ln -s /root/elsewhere "$root/etc/surged/link.key"
    mkdir -p "$root/var/lib/surged-feed/pbx1" && echo "SECRET-MARK" >"$root/var/lib/surged-feed/pbx1/state"
    claim "upgrades over edited files" dpkg_inside --force-confdef --force-confold -i /root/next.deb
    claim "is the next version" bash -c "[[ \$(chroot '$root' dpkg-query -W -f='\${Version}' surged) == '$version+next' ]]"
    claim "keeps an edited surged.toml, and puts the new one beside it" bash -c \
        "grep -q 'edited here' '$root/etc/surged/surged.toml' && grep -q 'a new default' '$root/etc/surged/surged.toml.dpkg-dist'"
    claim "keeps an edited rule pack" grep -q "edited here" "$root/etc/surged/rules.d/staffing.toml"
    claim "takes the new default of a file that nobody edited" grep -q "a new default" "$root/etc/surged/team.toml"
    claim "whose mode is still for root and the group alone" mode_of /etc/surged/team.toml "640 root:surged"
    claim "feeders' secrets are for root and the group alone" mode_of /etc/surged/feeds/pbx1.secret "640 root:surged"
    claim "the configuration is right after the upgrade" inside surgectl check --config /etc/surged/surged.toml
    claim "is removed" dpkg_inside -r surged
    claim "its programs are gone" test ! -e "$root/usr/sbin/surged"
    claim "the store and the configuration stay after a removal" test -s "$root/var/lib/surged/surged.db" -a -s "$root/etc/surged/surged.toml"
    claim "is installed again over what stayed" dpkg_inside --force-confold -i /root/next.deb
    claim "is purged" dpkg_inside -P surged
    claim "nothing secret is left anywhere after a purge" bash -c "! grep -rlsI SECRET-MARK '$root/etc' '$root/var' '$root/usr' '$root/run' '$root/home'"
    claim "nor the store, nor the keys beside it" test ! -e "$root/var/lib/surged" -a ! -e "$root/var/lib/surged-feed"
    claim "of /etc/surged only people's own rules are left" bash -c \
        "[[ \$(cd '$root' && find etc/surged ! -type d) == etc/surged/rules.d/ours.toml ]]"
    claim "what a link of theirs pointed to was not touched, the link is gone" test ! -L "$root/etc/surged/link.key"
    claim "nothing else of the package is left" bash -c \
        "! dpkg-deb -c '$deb' | awk '{print \$6}' | grep -v '/\$' | grep -v '^./etc/' | while read -r path; do [[ ! -e '$root'/\$path ]] || exit 1; done | grep ."
    claim "dpkg knows of nothing unfinished" bash -c "[[ -z \$(chroot '$root' dpkg --audit) ]]"
    claim "and of no surged" bash -c "[[ -z \$(chroot '$root' dpkg-query -W surged 2>/dev/null) ]]"
}

# Whether a root has systemd and all that the package depends on.
fit_for_systemd() {
    [[ -n $1 && -x $1/usr/lib/systemd/systemd ]] || return 1
    local name
    for name in $(names_of_depends | tr ',' ' '); do [[ $(chroot "$1" dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || return 1; done
}

under_systemd() {
    local base=${SURGED_LIVE_ROOT:-}
    command -v systemd-nspawn >/dev/null && command -v nsenter >/dev/null || { say "skipped: systemd-nspawn is not installed"; return; }
    root=$work/booted
    if fit_for_systemd "$base"; then
        cp -a "$base" "$root"
        rm -rf "$root"/{etc/surged,var/lib/surged,var/lib/surged-feed,usr/sbin/surged,usr/bin/surgectl,usr/share/surged,usr/share/doc/surged} \
            "$root"/etc/systemd/system/{surged*,multi-user.target.wants/surged*} "$root"/lib/systemd/system/surged*
    else
        say "making a bookworm root with systemd (a few minutes)"
        debootstrap --variant=minbase --include="systemd,dbus,procps,$(names_of_depends)" bookworm "$root" >"$work/debootstrap.log" 2>&1 ||
            { tail -n 5 "$work/debootstrap.log"; say "skipped: no root file system with systemd could be made"; return; }
    fi
    cp "$deb" "$root/root/surged.deb"
    cp "$work/next.deb" "$root/root/next.deb"
    systemd-nspawn --boot --directory="$root" --register=no --keep-unit --machine=surged-package --private-network --console=pipe \
        >"$work/console.log" 2>&1 </dev/null &
    container=$!
    booted() { nsenter --target "$(pgrep -P "$container" | head -n 1)" --mount --uts --ipc --pid --net --cgroup "$@"; }
    up() { [[ $(booted systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }
    within 60 up || { tail -n 20 "$work/console.log"; say "skipped: systemd did not boot"; return; }
    working() { booted surgectl status --health; }
    main_pid() { booted systemctl show surged -P MainPID; }
    claim "installs under systemd" booted env DEBIAN_FRONTEND=noninteractive dpkg -i /root/surged.deb
    claim "starts nothing by itself" bash -c "[[ $(booted systemctl is-active surged) == inactive && $(booted systemctl is-enabled surged) == disabled ]]"
    claim "is enabled and started" booted systemctl enable --now surged
    claim "works" within 15 working
    local pid
    pid=$(main_pid)
    claim "upgrades while it runs" booted env DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i /root/next.deb
    claim "runs on, restarted" bash -c "[[ $pid != $(main_pid) && $(main_pid) != 0 ]]"
    claim "and works" within 15 working
    claim "is removed while it runs" booted dpkg -r surged
    claim "is stopped" bash -c "[[ '$(booted systemctl is-active surged 2>/dev/null)' != active ]]"
    claim "and no link to its unit dangles" bash -c "[[ -z '$(find "$root/etc/systemd/system" -name 'surged*')' ]]"
    claim "is purged" booted dpkg -P surged
    claim "and no store is left" test ! -e "$root/var/lib/surged"
    kill -TERM "$container"
    within 20 bash -c "! kill -0 $container" || kill -KILL "$container"
    container=
}

as_container() {
    command -v podman >/dev/null || { say "skipped: podman is not installed"; return; }
    source "$top/tests/live/container.sh"
}
