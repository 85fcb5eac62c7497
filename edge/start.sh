#!/bin/sh
# Fills the edge's settings into its configuration and starts nginx. TLS where /tls holds tls.crt and tls.key.
set -eu
folder=${EDGE_FOLDER:-/tmp/edge} tls='' certificates=${EDGE_TLS_DIR:-/tls}
mkdir -p "$folder"
if [ -e "$certificates/tls.crt" ] || [ -e "$certificates/tls.key" ]; then
    [ -r "$certificates/tls.crt" ] && [ -r "$certificates/tls.key" ] || {
        echo "$certificates: tls.crt and tls.key must both be there and readable by user $(id -u)" >&2; exit 2; }
    tls=" ssl; ssl_certificate $certificates/tls.crt; ssl_certificate_key $certificates/tls.key"
fi
# The container network's own name server; the service's address may change while the edge runs.
resolver=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
fill="s|@FOLDER@|$folder|;s|@TLS@|$tls|;s|@RESOLVER@|$resolver|;s|@SERVICE@|${EDGE_SERVICE:-api:8000}|"
for setting in PORT=8080 MAX_BODY_BYTES=134217728 CONNECTIONS=64 REQUESTS_PER_S=200 BURST=400 ANSWER_S=150; do
    name=${setting%=*}
    eval "value=\${EDGE_$name:-${setting#*=}}"
    case $value in 0* | *[!0-9]*) echo "EDGE_$name=$value: give a whole number above 0" >&2; exit 2 ;; esac
    fill="$fill;s|@$name@|$value|"
done
sed "$fill" "$(dirname "$0")/nginx.conf.template" >"$folder/nginx.conf"
exec nginx -c "$folder/nginx.conf" -e /dev/stderr -g 'daemon off;'
