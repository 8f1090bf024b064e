#!/bin/bash
# wrapper.sh FOLDER -- PROGRAM [ARGUMENT...]: one run of an external program, in a session of its own. It outlives the service that started it, and
# keeps the exit code until it is on the disk. What is in the folder says at any moment where the run stands: see RunFolder.cs.
set -u

# Names of its own throughout: the environment is the program's, and a variable of the same name would reach it changed.
_orch_publish() { # NAME TEXT: whole or not at all, also for who looks after a power cut
  printf '%s\n' "$2" >"$_orch_folder/$1.tmp" && sync "$_orch_folder/$1.tmp" && mv -f "$_orch_folder/$1.tmp" "$_orch_folder/$1"
}

# Once, to the whole group: a program that is asked twice may take the second for "now".
_orch_on_term() {
  _orch_reason=terminated _orch_trapped=yes
  trap '' TERM INT
  kill -TERM 0
}

# In a function, so that the file is read to its end before anything begins: it may be replaced while it runs.
_orch_main() {
  _orch_folder=$1
  shift 2
  exec </dev/null >>"$_orch_folder/wrapper.log" 2>&1
  _orch_path=${PATH-} PATH=/usr/local/bin:/usr/bin:/bin # the program's may lead elsewhere

  # Held for the wrapper's life, whatever ends it. The program does not inherit it.
  exec 9>>"$_orch_folder/run.lock" || exit 73
  flock -w 2 9 || exit 75 # a second start of the same run
  [ ! -e "$_orch_folder/exit.json" ] || exit 75 # ended, or declared never started

  # Inherited: held while anything of the tree lives that did not close it.
  exec 8>>"$_orch_folder/tree.lock" || exit 73
  flock -s 8

  # The name in parentheses may hold spaces and parentheses itself: count from the last one. Field 22 is the start.
  _orch_stat=$(</proc/$$/stat)
  read -r -a _orch_fields <<<"${_orch_stat##*) }"
  _orch_publish pid.json "{\"pid\":$$,\"start\":${_orch_fields[19]},\"boot\":\"$(</proc/sys/kernel/random/boot_id)\"}" || exit 73

  _orch_reason=exited _orch_trapped=''
  trap _orch_on_term TERM INT
  # What runs in the background has signals ignored, and so might the service: the program gets them as a program expects them.
  (PATH=$_orch_path exec /usr/bin/env --default-signal "$@" >>"$_orch_folder/out.log" 2>&1 9>&-) &
  _orch_agent=$!
  while _orch_trapped=''; wait "$_orch_agent"; _orch_code=$?; [ -n "$_orch_trapped" ]; do :; done # a trap cuts the wait short

  # The exit code is kept as long as this process lives, also while the disk is full; of a folder that is gone nobody will read it.
  printf -v _orch_now '%(%s)T' -1
  until _orch_publish exit.json "{\"code\":$_orch_code,\"ended\":$_orch_now,\"reason\":\"$_orch_reason\"}"; do
    [ -d "$_orch_folder" ] || exit 74
    sleep 1 9>&-
  done
}

_orch_main "$@"
exit
