#!/bin/sh
# supervise.sh SIGNAL USER FOLDER LOG COMMAND [ARGUMENT...]
#
# Runs one command and ends it with the process that holds the other end of this script's standard input.
# A line on standard input names a signal: the command gets it, and its folder stays (an orderly stop).
# End of input means that the holder has died, in whatever way: the command gets SIGNAL and the folder is removed.
# A pipe is used, and not the parent-death signal of the holder, because that one is bound to the thread that
# started the child, and threads of a pool end. Below this script there are no threads, so there it is used as well:
# killed itself, the script still takes its command along.

watch() {
  word=
  read -r word <&3
  kill -s USR1 "$$" 2>/dev/null
  tenths=0
  # Said again and again, because a command that is just being started may still ignore it.
  while kill -s "${word:-$signal}" "$child" 2>/dev/null; do
    tenths=$((tenths + 1))
    [ "$tenths" -lt 100 ] || kill -s KILL "$child" 2>/dev/null
    sleep 0.1
  done
  if [ -z "$word" ]; then
    rm -rf -- "$folder" "$log"
    rmdir -- "$(dirname -- "$folder")" 2>/dev/null # the last child of an environment succeeds
  fi
}

# One function, so that the shell has read all of it before anything runs: a rebuild may replace this file meanwhile.
main() {
  signal=$1 user=$2 folder=$3 log=$4
  shift 4
  exec >>"$log" 2>&1
  exec 3<&0
  if [ "$user" != - ]; then
    set -- --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"
  else
    set -- -- "$@"
  fi
  stopping=
  trap 'stopping=yes' USR1
  trap 'kill -s "$signal" "$child" 2>/dev/null' TERM INT HUP
  # A shell without job control starts background commands with SIGINT and SIGQUIT ignored; env undoes that.
  env --default-signal setpriv --pdeathsig="$signal" "$@" 3<&- </dev/null &
  child=$!
  watch &
  watcher=$!
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  [ -n "$stopping" ] || kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  exit "$code"
}

main "$@"
