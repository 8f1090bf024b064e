# Sourced by ./run, ./test and ./orchestrator: brings a bare Debian machine to where they can work, and does nothing
# where nothing is missing. Progress and errors go to standard error, so that a verb's output stays its own.
# shellcheck shell=bash

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
emulator=$root/Orchestrator.Local/emulator
[ -w "${HOME:-}" ] || HOME=$root/artifacts/home # npm and dotnet both want one that can be written
export HOME DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 # build servers would stay behind

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Runs a command in a session of its own, behind a shell that ends all of it when this script ends, even by kill -9.
running=
step() {
  local code=0
  # A command in the background of a script would be deaf to SIGINT; env undoes that.
  setsid setpriv --pdeathsig TERM -- sh -c '
    trap "trap \"\" TERM; kill -TERM \$! 0; wait; exit 143" TERM # the command by name, too: timeout leaves the group
    env --default-signal "$@" &
    wait $!' step "$@" </dev/null &
  running=$!
  wait "$running" || code=$?
  running=
  return "$code"
}
stop() {
  trap '' INT TERM HUP
  if [ -n "$running" ]; then
    kill -TERM -- "-$running" 2>/dev/null || kill -TERM "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP

# --- Debian packages: what is needed, and how to see that it is there ---

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
missing_packages() { # [local | tests]: the local environment needs a server, the tests the far end of ssh and a test tool too; the service needs none
  [ -z "$1" ] || has_postgres || echo postgresql
  [ "$1" != tests ] || [ -x /usr/sbin/sshd ] || echo openssh-server
  [ "$1" != tests ] || /usr/bin/python3 -c 'import pytest' 2>/dev/null || echo python3-pytest
  command -v qpdf >/dev/null || echo qpdf
  command -v pdftotext >/dev/null || echo poppler-utils
  command -v git >/dev/null || echo git
  command -v flock >/dev/null && command -v setpriv >/dev/null && command -v setsid >/dev/null || echo util-linux
}

packages() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
  [ "${#missing[@]}" -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "Debian packages are missing: ${missing[*]}. Install them as root: apt-get install --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null || fail "Programs are missing, and there is no apt-get to install them: ${missing[*]} (Debian's package names)."
  exec 9>/run/orchestrator-packages.lock # one for the machine: several clones may be set up at once
  step flock 9
  mapfile -t missing < <(missing_packages "$1") # another set-up may have installed them meanwhile
  if [ "${#missing[@]}" -gt 0 ]; then
    say "Installing ${missing[*]}"
    install_packages "${missing[@]}" || fail "Installing ${missing[*]} failed; apt-get's own words stand above. Once it works, start again."
  fi
  exec 9>&-
}

# The package manager is never interrupted half-way: a signal is heard when it is done.
# Installing the server would make and start a cluster of Debian's own on port 5432, unless this file says no; ours is private.
# An sshd that nobody asked for must not begin to listen either: where no policy stands, one that starts nothing stands meanwhile.
install_packages() {
  local settings=/etc/postgresql-common/createcluster.conf template=/usr/share/postgresql-common/createcluster.conf policy=/usr/sbin/policy-rc.d before='' own='' code=0
  if [ ! -e "$policy" ]; then
    own=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  mkdir -p "$(dirname "$settings")"
  if [ -e "$settings" ]; then
    before=$(mktemp)
    cp -p "$settings" "$before"
  fi
  echo 'create_main_cluster = false' >>"$settings"
  apt_get update || say "Going on with the package lists that are there."
  apt_get install --no-install-recommends "$@" || code=$?
  [ -z "$own" ] || rm -f "$policy"
  if [ -n "$before" ]; then mv "$before" "$settings"; elif [ -e "$template" ]; then cp "$template" "$settings" && rm -f "$settings.ucf-dist"; else rm -f "$settings"; fi
  return "$code"
}

# Waits for whoever else is installing: the option covers dpkg's lock, the loop the lock on the package lists.
apt_get() {
  local tries=0 output code
  while :; do
    code=0
    output=$(DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=yes setsid --wait apt-get -qq -y -o DPkg::Lock::Timeout=600 "$@" 2>&1 </dev/null 9>&-) || code=$?
    if [ "$code" = 0 ] || [ "$tries" -ge 300 ] || ! grep -q 'Could not get lock' <<<"$output"; then
      [ "$code" = 0 ] || say "$output"
      return "$code"
    fi
    tries=$((tries + 1))
    sleep 2
  done
}

# --- the emulator's packages, and Node 22 with them ---

npm_stamp() { sha256sum "$emulator/package.json" "$emulator/package-lock.json" | cut -d' ' -f1; }
has_npm_packages() { [ "$(cat "$emulator/node_modules/.stamp" 2>/dev/null)" = "$(npm_stamp)" ]; }

npm_packages() {
  ! has_npm_packages || return 0
  command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer, with npm. It only installs the emulator, which brings its own Node."
  say "Installing the emulator's packages"
  step npm --prefix "$emulator" ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$root/artifacts/npm.log" 2>&1 8>&- 9>&- || {
    cat "$root/artifacts/npm.log" >&2
    fail "Installing the emulator's packages failed: npm's own words stand above. Check that the npm registry can be reached and start again."
  }
  mkdir -p "$emulator/node_modules"
  npm_stamp >"$emulator/node_modules/.stamp"
}

# --- the build ---

stamp_of() { echo "$root/artifacts/stamps/$1"; }

# Built already, in this place, and nothing touched since? Folders count too: a removed file touches its folder only.
is_built() {
  local stamp
  stamp=$(stamp_of "$1")
  [ "$(cat "$stamp" 2>/dev/null)" = "$root" ] || return 1
  [ -z "$(find "$root" -mindepth 1 \( -name .git -o -name artifacts -o -name node_modules -o -name docs \) -prune -o \
    -newer "$stamp" ! -path "$emulator" -print -quit)" ]
}

build() {
  local what=$1 stamp log=$root/artifacts/build.log
  if is_built all || is_built "$what"; then return 0; fi
  command -v dotnet >/dev/null || fail "dotnet is missing: install the .NET SDK named in global.json, or newer."
  stamp=$(stamp_of "$what")
  mkdir -p "$(dirname "$stamp")"
  # A build that was cut off may have left half a file, over which every later one would stumble.
  if compgen -G "$(stamp_of '*').new" >/dev/null; then rm -rf "$root/artifacts/obj" "$(stamp_of '')"*.new; fi
  echo "$root" >"$stamp.new" # dated before the build, so that what changes meanwhile is built next time
  [ -n "$quiet" ] || say "Building"
  step dotnet build "$root/$([ "$what" = all ] && echo Orchestrator.slnx || echo "$what")" -c Release -nologo -v quiet -clp:NoSummary \
    -nodeReuse:false -p:UseSharedCompilation=false >"$log" 2>&1 8>&- 9>&- || {
    rm -f "$stamp.new"
    grep -E 'error|warning' "$log" | sort -u >&2 || cat "$log" >&2
    fail "The build failed; its errors stand above, all of its output in $log."
  }
  mv "$stamp.new" "$stamp"
}

# set_up WHAT [local | tests]: builds WHAT, a project or "all"; "local" adds what the local environment needs, "tests" what the tests need beside that.
# Only one set-up at a time works in this folder.
quiet=
set_up() {
  local what=$1 where=${2:-}
  packages "$where"
  if { is_built all || is_built "$what"; } && { [ -z "$where" ] || has_npm_packages; }; then return 0; fi
  mkdir -p "$root/artifacts" "$HOME"
  exec 9>"$root/artifacts/set-up.lock"
  step flock 9 || fail "The lock $root/artifacts/set-up.lock can't be had."
  [ -z "$where" ] || npm_packages
  build "$what"
  exec 9>&-
}
