#!/bin/sh
# Stands in for a worker that goes wrong, in the way that its third argument says.
ulimit -c 0
case $3 in
    101) exec /bin/cat /dev/zero ;;
    102) echo garbage ;;
    103) echo '{}' ;;
    104) kill -SEGV $$ ;;
    105) echo 'Fatal error: failed to allocate 64 bytes' >&2; kill -ABRT $$ ;;
    106) exit 71 ;;
    201) kill -KILL $$ ;;
    202) kill -TERM $$ ;;
    203) exit 3 ;;
    204) echo 'no filter' >&2; exit 70 ;;
    301) exec /bin/sleep 100000 ;;
esac
