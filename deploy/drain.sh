#!/usr/bin/env bash
# A worker's preStop: Serve's proxy here refuses new requests and ends those under way, then Ray stops.
#
#   drain.sh SECONDS    wait no longer than that; who is left is told where to take up its stream
set -u
folder=${SONGDALLE_STOP_FOLDER:?}
url=${SONGDALLE_DRAIN_URL:-http://127.0.0.1:8000/healthz}
mkdir -p "$folder"
touch "$folder/stop.asked"
end=$((SECONDS + $1))
while [ $SECONDS -lt "$end" ]; do
  headers=$(wget --server-response --tries=1 --timeout=5 --output-document=/dev/null "$url" 2>&1)
  [ $? -eq 4 ] && break  # there is no proxy here
  grep -qi "x-requests-under-way: 0" <<<"$headers" && break
  sleep 1
done
touch "$folder/stop.cut"
sleep 1
ray stop
