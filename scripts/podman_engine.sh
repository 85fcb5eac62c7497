# shellcheck shell=bash
# Sourced by container_check.sh: an engine for the same Dockerfile and compose file where no Docker engine answers.
# podman listens on a socket that docker-compose takes for Docker's. The base image is made by debootstrap, because a
# registry of images may be out of reach where Debian and PyPI are not. Needs root on Debian; uses `step`, `fail`,
# `work` and `service_pid` of its caller, and sets DOCKER_HOST and BASE_IMAGE.

: "${work:?the temporary folder of the caller}"
readonly PACKAGES=(buildah podman runc iptables netavark aardvark-dns debootstrap docker-compose)
readonly DEBIAN=bookworm
readonly DEBIAN_MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
readonly CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/drug-response

tools_are_there() {
    local tool
    for tool in buildah podman runc iptables debootstrap docker-compose /usr/lib/podman/{netavark,aardvark-dns}; do
        command -v "$tool" >/dev/null || return 1
    done
}

install_tools() {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${PACKAGES[@]}" </dev/null
}

# In memory where that is plenty: images are thousands of small files.
work_in_memory() {
    [ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -lt 8000000 ] ||
        mount -t tmpfs -o mode=700 drp-check "$work" || true
}

# A podman of its own: neither the images nor the networks of another one on this machine are seen or touched.
configure_podman() {
    mkdir -p "$work"/{storage,run,libpod,networks,tmp}
    cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "$work/libpod"
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
CONF
    cat >"$work/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
CONF
    export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf TMPDIR=$work/tmp
    export BUILDAH_ISOLATION=chroot  # needs no cgroups and no network of its own, so it builds where runc may not
    # Overlay cannot lie on overlay, which is where this runs when it runs in a container itself.
    podman info || { sed -i 's/"overlay"/"vfs"/' "$work/storage.conf"; podman info; }
}

make_base_archive() {
    mkdir -p "$CACHE"
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip \
        "$DEBIAN" "$work/root" "$DEBIAN_MIRROR"
    tar --create --file="$base_archive.$$" --directory="$work/root" --numeric-owner \
        --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./usr/share/doc/*' \
        --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' .
    mv "$base_archive.$$" "$base_archive"  # whole or not at all: an interrupted run must not leave half a base
    rm -rf --one-file-system "$work/root"
}

# The host's certificates and index go in at every import, not into the archive: they change, and it is kept.
import_base() {
    local container
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$base_archive" /
    buildah copy --quiet "$container" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
    pip_configuration >"$work/pip.conf"
    buildah copy --quiet "$container" "$work/pip.conf" /etc/pip.conf
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit --quiet --rm --format docker "$container" "$BASE_IMAGE"
}

# Only what means the same inside: paths of the host do not.
pip_configuration() {
    local key name value
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n'
    for key in index-url extra-index-url trusted-host; do
        name=PIP_${key^^}
        name=${name//-/_}
        value=${!name:-$(python3 -m pip config get "global.$key" 2>/dev/null || true)}
        case $value in
            '' | *file:*) ;;
            *) printf '%s = %s\n' "$key" "${value//$'\n'/ }" ;;
        esac
    done
}

start_podman_service() {
    podman system service --time=0 "unix://$work/podman.sock" >"$work/podman.log" 2>&1 </dev/null &
    service_pid=$!
    export DOCKER_HOST=unix://$work/podman.sock DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
    local tries=0
    until [ -S "$work/podman.sock" ]; do
        [ $((tries += 1)) -lt 100 ] || return 1
        sleep 0.1
    done
}

start_podman() {
    [ "$(id -u)" = 0 ] || fail 'no Docker engine answers, and without one this needs root'
    work_in_memory
    if ! tools_are_there; then
        command -v apt-get >/dev/null || fail "no Docker engine answers, and these are missing: ${PACKAGES[*]}"
        step 'install the tools' install_tools
    fi
    step 'set podman up' configure_podman
    export BASE_IMAGE=${BASE_IMAGE:-localhost/base:$DEBIAN}
    if [ "$BASE_IMAGE" = "localhost/base:$DEBIAN" ]; then
        base_archive=$CACHE/base-$DEBIAN-$(dpkg --print-architecture).tar
        [ -f "$base_archive" ] || step 'make the base archive' make_base_archive
        step 'import the base' import_base
    fi
    step 'start the podman service' start_podman_service
}

stop_podman() {
    if [ -n "$service_pid" ]; then
        podman rm --all --force --time 5 >/dev/null 2>&1
        kill "$service_pid" 2>/dev/null
        wait "$service_pid" 2>/dev/null
    fi
    # Deepest first; a layer still mounted would make the removal fail, or worse, reach into it.
    awk -v work="$work" '$2 == work || index($2, work "/") == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount --lazy
}
