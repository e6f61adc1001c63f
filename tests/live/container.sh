# Part of package.sh, which sources this: systemd/Containerfile made into an image and lived in, by podman and without a registry. The
# base is the debootstrap root of package.sh, or SURGED_CONTAINER_BASE (an image that podman can have, such as debian:12-slim).
# shellcheck shell=bash

export CONTAINERS_STORAGE_CONF=$work/storage.conf
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/podman/run"\ngraphroot = "%s/podman/store"\n' "$work" "$work" >"$CONTAINERS_STORAGE_CONF"
limits=$(ulimit -Hn)
flags=()
podman_here() { podman "$@"; }
# Where cgroups of both versions are mounted or limits cannot be raised (a container around this test), podman is given a view that it can work with.
podman_apart() { unshare --mount sh -c 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec podman "$@"' podman "$@"; }

base=${SURGED_CONTAINER_BASE:-localhost/surged-base}
if [[ $base == localhost/surged-base ]]; then
    tar -C "${SURGED_PACKAGE_ROOT:-$work/base}" -c . | podman import - "$base" >"$work/import.log" 2>&1 || { tail -n 3 "$work/import.log"; say "skipped: podman cannot import an image"; return; }
fi
runs() { "$1" run --rm --network host "${flags[@]}" "$base" true; }
if runs podman_here >/dev/null 2>&1; then
    podman_way=podman_here
else
    flags=(--cgroups=disabled --ulimit "nofile=$limits:$limits" --ulimit "nproc=1024:1024")
    runs podman_apart >"$work/run.log" 2>&1 || { tail -n 3 "$work/run.log"; say "skipped: podman cannot run a container here"; return; }
    podman_way=podman_apart
    say "podman runs with ${flags[*]}"
fi
mkdir "$work/context"
cp "$deb" "$work/context/surged_$version.deb"
build_image() { podman build --format docker --isolation chroot --network host --build-arg BASE="$base" -t surged-test -f "$top/systemd/Containerfile" "$work/context"; }
claim "an image is built from the package" build_image
podman image exists surged-test || return
image() { podman inspect --format "$1" surged-test; }
claim "the image's user is surged, not root" bash -c "[[ '$(image '{{.Config.User}}')' == surged ]]"
claim "its store is a volume" bash -c "[[ '$(image '{{.Config.Volumes}}')' == *'/var/lib/surged'* ]]"
claim "surgectl is its health check" bash -c "[[ '$(image '{{.HealthCheck.Test}}')' == *'surgectl status --health'* ]]"
claim "it is stopped by SIGTERM" bash -c "[[ '$(image '{{.Config.StopSignal}}')' == *TERM* || '$(image '{{.Config.StopSignal}}')' == 15 ]]"

# The ports of the default configuration may be somebody's: others, in a folder that is mounted as an operator mounts one.
mkdir "$work/etc"
cp -r "$work/out/etc/surged/." "$work/etc/"
sed -i 's/:5556/:25556/; s/:5557/:25557/; s/:9846/:29846/; s/:9847/:29847/' "$work/etc/surged.toml"
chmod -R a+rX "$work/etc"
start_container() {
    "$podman_way" run -d --name surged-test --network host "${flags[@]}" -e SURGED_SERVER=http://127.0.0.1:29847 -v "$work/etc:/etc/surged:ro" \
        -v surged-store:/var/lib/surged surged-test
}
box() { "$podman_way" exec surged-test "$@"; }
healthy() { "$podman_way" healthcheck run surged-test; }
claim "a container starts" start_container
claim "is healthy by its own check" within 20 healthy
claim "runs as nobody who is root" bash -c "[[ '$(box id -u)' == 847 ]]"
claim "answers surgectl" box surgectl status
claim "keeps its store in the volume, for itself alone" bash -c "[[ '$(box stat -c '%a %u' /var/lib/surged)' == '700 847' ]]"
claim "takes a silence" box surgectl silence --for 2h --reason "container test" --as test
reloads() { (($("$podman_way" logs surged-test 2>&1 | grep -c 'event=reload') > $1)); }
before=$("$podman_way" logs surged-test 2>&1 | grep -c 'event=reload')
claim "is told to reload" "$podman_way" kill --signal HUP surged-test
claim "reloads" within 10 reloads "$before"
pid=$("$podman_way" inspect --format '{{.State.Pid}}' surged-test)
hangs_unhealthy() { ! healthy; }
kill -STOP "$pid"
claim "is not healthy while it hangs" hangs_unhealthy
kill -CONT "$pid"
claim "is healthy again" within 10 healthy
started=$SECONDS
claim "is stopped" "$podman_way" stop --time 10 surged-test
claim "within six seconds" test $((SECONDS - started)) -le 6
claim "in good order" bash -c "[[ '$("$podman_way" inspect --format '{{.State.ExitCode}}' surged-test)' == 0 ]]"
"$podman_way" rm surged-test >/dev/null 2>&1
claim "starts again with the same volume" start_container
claim "is healthy" within 20 healthy
silences() { box surgectl silences | grep -q "container test"; }
claim "remembers what was decided" silences
"$podman_way" rm --force --time 5 surged-test >/dev/null 2>&1
podman volume rm surged-store >/dev/null 2>&1
